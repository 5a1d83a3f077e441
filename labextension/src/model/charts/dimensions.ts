/** What runs can be plotted by: their params and results, as numeric, logarithmic or categorical axes. */
import type { IRunRow, Json } from '../contract';
import { shown } from '../format';
import { BEST } from '../runs/columns';
import { extent, padded, share, valueAt, type Range } from './scale';
import { linearTicks, logTicks } from './ticks';

/** A run as far as it is plotted. */
export interface IPlotted {
  id: string;
  name: string;
  params: Record<string, Json>;
  results: Record<string, Json>;
}

export const asPlotted = (row: IRunRow): IPlotted => row;

export type Section = 'params' | 'results';

export interface IDimension {
  /** `params.depth`: a param and a result may have one name. */
  id: string;
  section: Section;
  key: string;
  scale: { kind: 'linear' | 'log'; range: Range } | { kind: 'category'; values: string[] };
  /** The values themselves, as ticks, when they are few numbers. */
  marks: number[] | null;
  /** Whether all numbers are whole, so that 1.5 is no tick. */
  whole: boolean;
  /** Whether a logarithm could be taken. */
  positive: boolean;
  /** Whether some run has no value here. */
  gaps: boolean;
  /** Whether all runs have the same. */
  constant: boolean;
}

export const valueOf = (run: IPlotted, { section, key }: { section: Section; key: string }): Json | undefined =>
  run[section][key];

/** All dimensions of these runs: params first, each in the order in which it is met. */
export function dimensionsOf(runs: readonly IPlotted[], logs: ReadonlySet<string> | null = null): IDimension[] {
  return (['params', 'results'] as const).flatMap(section => {
    const keys = new Set(runs.flatMap(run => Object.keys(run[section])));
    return [...keys]
      .filter(key => section === 'params' || key !== BEST)
      .map(key => dimension(runs, section, key, logs))
      .filter(found => found !== null);
  });
}

function dimension(
  runs: readonly IPlotted[],
  section: Section,
  key: string,
  logs: ReadonlySet<string> | null
): IDimension | null {
  const id = `${section}.${key}`;
  const all = runs.map(run => run[section][key]);
  const known = all.filter(value => value !== undefined && value !== null);
  if (!known.length) {
    return null;
  }
  const numbers = known.filter(value => typeof value === 'number');
  const common = {
    id,
    section,
    key,
    gaps: known.length < all.length,
    constant: known.length === all.length && known.every(value => JSON.stringify(value) === JSON.stringify(known[0]))
  };
  const range = numbers.length === known.length ? extent(numbers) : null;
  if (!range) {
    const values = [...new Set(known.map(word))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
    return { ...common, scale: { kind: 'category', values }, marks: null, whole: false, positive: false };
  }
  const positive = range[0] > 0;
  const whole = numbers.every(Number.isInteger);
  const wide = range[1] / range[0] >= (section === 'params' && !whole ? 10 : 50);
  const log = positive && (logs ? logs.has(id) : wide);
  const distinct = [...new Set(numbers)].sort((a, b) => a - b);
  const marks = distinct.length <= 5 ? distinct : null;
  const open = range[0] === range[1] ? padded(range, log) : range;
  return { ...common, scale: { kind: log ? 'log' : 'linear', range: open }, marks, whole, positive };
}

/** The words of a category. */
export const word = (value: Json): string => shown(value, 40);

/** Where a run stands on the dimension, 0 to 1; null when it has no value (or none that has a place). */
export function placeOf(run: IPlotted, on: IDimension): number | null {
  const value = valueOf(run, on);
  if (value === undefined || value === null) {
    return null;
  }
  const { scale } = on;
  if (scale.kind === 'category') {
    const at = scale.values.indexOf(word(value));
    return scale.values.length === 1 ? 0.5 : at / (scale.values.length - 1);
  }
  const place = typeof value === 'number' ? share(value, scale.range, scale.kind === 'log') : NaN;
  return Number.isFinite(place) ? place : null;
}

/** Ticks with their places. */
export function ticksOf({ scale, whole }: IDimension, count = 5): { at: number; text: Json }[] {
  if (scale.kind === 'category') {
    const last = scale.values.length - 1;
    const every = Math.ceil(scale.values.length / Math.max(count, 2) / 2);
    return scale.values
      .map((text, index) => ({ at: last ? index / last : 0.5, text, index }))
      .filter(({ index }) => index % every === 0)
      .map(({ at, text }) => ({ at, text }));
  }
  const log = scale.kind === 'log';
  const ticks = (log ? logTicks : linearTicks)(scale.range, count).filter(tick => !whole || Number.isInteger(tick));
  return ticks.map(tick => ({ at: share(tick, scale.range, log), text: tick }));
}

/** Ticks for an axis that begins and ends with a run: both ends, and between them the values when they are few, or round numbers. */
export function endedTicks(on: IDimension, count = 5): { at: number; text: Json }[] {
  const { scale, marks } = on;
  if (scale.kind === 'category') {
    return ticksOf(on, count);
  }
  const marked = marks?.map(text => ({ at: share(text, scale.range, scale.kind === 'log'), text }));
  if (marked?.length === 1) {
    return marked;
  }
  const apart = 0.6 / count;
  const placed: { at: number; text: Json }[] = scale.range.map((text, at) => ({ at, text }));
  for (const tick of marked ?? ticksOf(on, count)) {
    if (placed.every(({ at }) => Math.abs(at - tick.at) > apart)) {
      placed.push(tick);
    }
  }
  return placed.sort((a, b) => a.at - b.at);
}

/** The value at a place, to say where a filter ends. */
export function textAt({ scale }: IDimension, place: number): Json {
  return scale.kind === 'category'
    ? scale.values[Math.round(place * (scale.values.length - 1))]
    : valueAt(place, scale.range, scale.kind === 'log');
}

/** A part of an axis, as shares from its low end. */
export type Brush = [number, number];

/** Whether a run passes all filters; one without a value doesn't pass where there is one. */
export function passes(run: IPlotted, dimensions: readonly IDimension[], brushes: ReadonlyMap<string, Brush>): boolean {
  return dimensions.every(on => {
    const brush = brushes.get(on.id);
    const at = brush ? placeOf(run, on) : null;
    return !brush || (at !== null && at >= brush[0] - 1e-9 && at <= brush[1] + 1e-9);
  });
}

/** Which dimensions say most: those that differ, results last; `limit` at most, all results stay as long as two params fit. */
export function telling(dimensions: readonly IDimension[], limit = 8): string[] {
  const differ = dimensions.filter(({ constant }) => !constant);
  const params = differ.filter(({ section }) => section === 'params');
  const results = differ.filter(({ section }) => section === 'results');
  const room = Math.max(Math.min(2, params.length), limit - results.length);
  const kept = params.slice(0, room);
  return [...kept, ...results.slice(0, limit - kept.length)].map(({ id }) => id);
}

/** What to plot against what: a result against a param, so that as many runs as possible have both. */
export function pairing(runs: readonly IPlotted[], dimensions: readonly IDimension[]): [string, string] | null {
  const ids = telling(dimensions, 50);
  const known = ids.length > 1 ? ids : dimensions.map(({ id }) => id);
  const found = dimensions.filter(({ id }) => known.includes(id));
  const rank = (x: IDimension, y: IDimension) =>
    runs.filter(run => placeOf(run, x) !== null && placeOf(run, y) !== null).length +
    (y.section === 'results' ? 0.4 : 0) +
    (x.section === 'params' ? 0.2 : 0);
  const pairs = found.slice(0, 20).flatMap(x => found.slice(-20).flatMap(y => (x === y ? [] : [{ x, y, rank: rank(x, y) }])));
  const best = pairs.reduce<(typeof pairs)[number] | null>((a, b) => (a === null || b.rank > a.rank ? b : a), null);
  return best && [best.x.id, best.y.id];
}

/** The list with one element moved by some places, as far as it goes. */
export function reordered<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [taken] = next.splice(from, 1);
  next.splice(Math.max(0, Math.min(list.length - 1, to)), 0, taken);
  return next;
}
