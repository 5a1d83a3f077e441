import { useMemo } from 'react';
import { colorOf, dashOf, slots } from '../../model/charts/palette';

export interface IRunColor {
  color: string;
  dash: number[];
}

/** The colour of each run; the same one on every screen. */
export function useRunColors(runs: readonly string[]): (run: string) => IRunColor {
  const ids = runs.join('\n');
  return useMemo(() => {
    const numbers = slots.of(ids === '' ? [] : ids.split('\n'));
    return run => ({ color: colorOf(numbers.get(run) ?? 0), dash: dashOf(numbers.get(run) ?? 0) });
  }, [ids]);
}
