import { useCallback, useSyncExternalStore } from 'react';
import type { Linked, Part } from '../../model/charts/linked';

/** A part of what charts share, kept fresh. `read` must give the same value as long as nothing changed. */
export function useLinked<T>(linked: Linked, part: Part, read: () => T): T {
  const listen = useCallback((changed: () => void) => linked.on(what => what === part && changed()), [linked, part]);
  return useSyncExternalStore(listen, read, read);
}
