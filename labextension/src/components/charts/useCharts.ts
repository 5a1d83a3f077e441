import { useMemo } from 'react';
import type { IChartSeries } from '../../model/charts/series';
import type { ISeries } from '../../model/contract';
import type { useRunColors } from './useRunColors';

/** The series by key, with names and colours. A key whose points stayed the same keeps its list, so that its chart isn't drawn again. */
export function useCharts(
  series: readonly ISeries[],
  nameOf: (run: string) => string,
  colors: ReturnType<typeof useRunColors>
): Map<string, IChartSeries[]> {
  return useMemo(() => {
    const charts = new Map<string, IChartSeries[]>();
    for (const one of series) {
      const shown = { ...one, name: nameOf(one.run), ...colors(one.run) };
      charts.set(one.key, [...(charts.get(one.key) ?? []), shown]);
    }
    return new Map([...charts].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true })));
  }, [series, nameOf, colors]);
}
