import { useEffect, useState } from 'react';
import type { Event, IComparison } from '../../model/contract';
import { Refusal, Unreachable } from '../../model/backend';
import { useBackend } from '../surroundings';

export interface IComparisonState {
  value: IComparison | null;
  /** Runs that aren't there any more. */
  gone: string[];
  error: Error | null;
  loading: boolean;
  refresh(): void;
}

const NOTHING = { value: null, gone: [], error: null, loading: true };

/** Runs beside each other, fresh while they change. Runs that are gone are left out, and told. */
export function useComparison(runs: readonly string[]): IComparisonState {
  const backend = useBackend();
  const [found, setFound] = useState<Omit<IComparisonState, 'refresh'>>(NOTHING);
  const [turn, setTurn] = useState(0);
  const ids = runs.join('\n');

  useEffect(() => {
    const wanted = ids === '' ? [] : ids.split('\n');
    let current = true;
    const settle = (next: Omit<IComparisonState, 'refresh'>) => current && setFound(next);
    if (!wanted.length) {
      settle({ value: null, gone: [], error: null, loading: false });
      return undefined;
    }
    setFound(before => ({ ...before, loading: true }));
    const ask = (some: string[]) => backend.call('runs.compare', { runs: some });
    const whole = async () => {
      try {
        const value = await ask(wanted);
        const answered = new Set(value.runs.map(({ id }) => id));
        settle({ value, gone: wanted.filter(id => !answered.has(id)), error: null, loading: false });
      } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 404) {
          throw error;
        }
        // one of them is gone, and the refusal doesn't say which in a form for machines: ask for each
        const there = await Promise.all(wanted.map(id => ask([id]).then(() => true, refusedOnly)));
        const left = wanted.filter((_, at) => there[at]);
        const value = left.length ? await ask(left) : null;
        settle({ value, gone: wanted.filter((_, at) => !there[at]), error: null, loading: false });
      }
    };
    whole().catch((error: Error) => current && setFound(before => ({ ...before, error, loading: false })));
    return () => {
      current = false;
    };
  }, [backend, ids, turn]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = null;
        setTurn(before => before + 1);
      }, 500);
    };
    const concerns = (event: Event) =>
      (event.type === 'run' && ids.includes(event.run.id)) || (event.type === 'removed' && ids.includes(event.run));
    const off = backend.watch(event => concerns(event) && soon());
    const offConnection = backend.onConnection(connection => connection === 'connected' && soon());
    return () => {
      off();
      offConnection();
      if (timer !== null) {
        clearTimeout(timer);
      }
    };
  }, [backend, ids]);

  return { ...found, refresh: () => setTurn(before => before + 1) };
}

function refusedOnly(error: unknown): false {
  if (error instanceof Unreachable || !(error instanceof Refusal)) {
    throw error;
  }
  return false;
}
