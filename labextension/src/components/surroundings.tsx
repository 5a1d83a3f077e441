/** What every component stands in: where data comes from, and what the place it is shown in can do. */
import { createContext, useContext, type ReactNode } from 'react';
import type { IBackend } from '../model/backend';
import type { IHost } from '../model/host';

export interface ISurroundings {
  backend: IBackend;
  host: IHost;
}

const Surroundings = createContext<ISurroundings | null>(null);

export function Provide({ backend, host, children }: ISurroundings & { children: ReactNode }) {
  return <Surroundings.Provider value={{ backend, host }}>{children}</Surroundings.Provider>;
}

function useSurroundings(): ISurroundings {
  const found = useContext(Surroundings);
  if (!found) {
    throw new Error('A component is shown outside of <Provide>.');
  }
  return found;
}

export const useBackend = (): IBackend => useSurroundings().backend;
/** Whether nothing can be changed here: what would change something isn't offered then. */
export const useReadonly = (): boolean => useBackend().readonly === true;
export const useHost = (): IHost => useSurroundings().host;

/** The translator: `t('%1 runs', n)`. */
export const useT = (): IHost['t'] => useSurroundings().host.t;
