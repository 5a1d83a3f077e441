/** How the axes of a plot look. */
import type uPlot from 'uplot';
import { duration, number } from '../../model/format';

export interface IShape {
  time: boolean;
  relative: boolean;
  logX: boolean;
  logY: boolean;
  /** Few numbers on the axes. */
  compact: boolean;
  height: number;
}

/** `unit` is what the y scale is counted in. */
export function axes(
  { time, relative, compact }: IShape,
  place: HTMLElement,
  ink: (color: string) => string,
  unit: () => number
): uPlot.Axis[] {
  const font = `10px ${getComputedStyle(place).fontFamily}`;
  const color = (name: string) => () => ink(`var(${name})`);
  const shared: uPlot.Axis = { stroke: color('--jmo-muted'), font, ticks: { show: false } };
  return [
    {
      ...shared,
      size: 22,
      gap: 3,
      space: relative || time ? 74 : 52,
      grid: { show: false },
      ...(time ? {} : { values: (_, ticks) => ticks.map(tick => label(tick, relative)) })
    },
    {
      ...shared,
      size: (_, ticks) => 12 + 6 * Math.max(2, ...(ticks ?? []).map(tick => tick?.length ?? 0)),
      gap: 4,
      space: compact ? 26 : 32,
      grid: { stroke: color('--jmo-border'), width: 1 },
      values: (_, ticks) => ticks.map(tick => label(tick === null ? null : tick * unit(), false))
    }
  ];
}

function label(tick: number | null, relative: boolean): string {
  return tick === null ? '' : relative ? duration(tick) : number(tick);
}
