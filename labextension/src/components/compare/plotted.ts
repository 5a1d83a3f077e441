import { useMemo } from 'react';
import { dimensionsOf, type IDimension, type IPlotted } from '../../model/charts/dimensions';
import type { Linked } from '../../model/charts/linked';
import { tint } from '../../model/charts/tint';

/** What parallel coordinates and scatter need to know of the runs. */
export interface IPlottedProps {
  runs: readonly IPlotted[];
  /** The colour of a run where no dimension colours it. */
  colorOf(run: string): string;
  linked: Linked;
  /** A dimension that colours the runs, or null for one colour per run. */
  colorBy: string | null;
  setColorBy(id: string | null): void;
  onPress?(run: string): void;
}

/** The dimensions, and the colour of each run. */
export function useTinted({ runs, colorOf, colorBy }: IPlottedProps, logs: ReadonlySet<string> | null = null) {
  const dimensions = useMemo(() => dimensionsOf(runs, logs), [runs, logs]);
  const colors = useMemo(() => {
    const by: IDimension | undefined = dimensions.find(({ id }) => id === colorBy);
    return new Map(runs.map(run => [run.id, by ? tint(run, by) : colorOf(run.id)]));
  }, [runs, dimensions, colorBy, colorOf]);
  return { dimensions, colors };
}
