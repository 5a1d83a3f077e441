import { useState } from 'react';
import type { XAxis } from '../../model/charts/series';

/** How all charts of a grid are shown. */
export interface IChartSettings {
  xAxis: XAxis;
  logX: boolean;
  logY: boolean;
  smoothing: number;
}

export const PLAIN: IChartSettings = { xAxis: 'step', logX: false, logY: false, smoothing: 0 };

/** The settings and what changes some of them. */
export function useChartSettings(
  first: Partial<IChartSettings> = {}
): [IChartSettings, (change: Partial<IChartSettings>) => void] {
  const [settings, set] = useState<IChartSettings>({ ...PLAIN, ...first });
  return [settings, change => set(before => ({ ...before, ...change }))];
}
