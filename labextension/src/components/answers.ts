/** Hooks that keep an operation's answer on screen, fresh while things happen. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Connection } from '../model/backend';
import type { Answer, Args, Event, Operation } from '../model/contract';
import { useBackend } from './surroundings';

export interface IAnswer<T> {
  /** The latest answer; stays while a newer one is on its way. */
  value: T | null;
  error: Error | null;
  loading: boolean;
  refresh(): void;
}

/**
 * Ask, and ask again when `args` change, when an event fits `stale`, and when the connection came back.
 *
 * `args` null asks for nothing. Many events within `wait` milliseconds make one question.
 */
export function useAnswer<K extends Operation>(
  operation: K,
  args: Args<K> | null,
  { stale, wait = 250 }: { stale?: (event: Event) => boolean; wait?: number } = {}
): IAnswer<Answer<K>> {
  const backend = useBackend();
  const [found, setFound] = useState<Omit<IAnswer<Answer<K>>, 'refresh'>>({ value: null, error: null, loading: args !== null });
  const question = args === null ? null : JSON.stringify(args);
  const turn = useRef(0);

  const refresh = useCallback(() => {
    const mine = ++turn.current;
    if (question === null) {
      setFound({ value: null, error: null, loading: false });
      return;
    }
    setFound(before => ({ ...before, loading: true }));
    backend.call(operation, JSON.parse(question) as Args<K>).then(
      value => mine === turn.current && setFound({ value, error: null, loading: false }),
      (error: Error) => mine === turn.current && setFound(before => ({ ...before, error, loading: false }))
    );
  }, [backend, operation, question]);

  useEffect(() => {
    refresh();
    return () => {
      turn.current += 1; // what is on its way belongs to another question
    };
  }, [refresh]);

  const isStale = useRef(stale);
  isStale.current = stale;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = null;
        refresh();
      }, wait);
    };
    const off = backend.watch(event => isStale.current?.(event) && soon());
    const offConnection = backend.onConnection(connection => connection === 'connected' && soon());
    return () => {
      off();
      offConnection();
      if (timer !== null) {
        clearTimeout(timer);
      }
    };
  }, [backend, refresh, wait]);

  return { ...found, refresh };
}

/** Hear the project's events; with `run`, also the log, metrics and cells of that run. */
export function useEvents(listener: (event: Event) => void, run: string | null = null): void {
  const backend = useBackend();
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => backend.watch(event => latest.current(event)), [backend]);
  useEffect(() => (run === null ? undefined : backend.follow(run)), [backend, run]);
}

export function useConnection(): Connection {
  const backend = useBackend();
  const [connection, setConnection] = useState(backend.connection);
  useEffect(() => {
    setConnection(backend.connection);
    return backend.onConnection(setConnection);
  }, [backend]);
  return connection;
}

/** The time in seconds, renewed while `ticking`. */
export function useNow(ticking = true, every = 1000): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    if (!ticking) {
      return undefined;
    }
    const timer = setInterval(() => setNow(Date.now() / 1000), every);
    return () => clearInterval(timer);
  }, [ticking, every]);
  return now;
}
