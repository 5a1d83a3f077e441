/** A wish to see steps, which the graph grants when it's shown. */
import { createContext, useContext } from 'react';

export interface IReveal {
  names: readonly string[];
}

const Reveals = createContext<IReveal | null>(null);
export const ProvideReveals = Reveals.Provider;
export const useReveals = (): IReveal | null => useContext(Reveals);
