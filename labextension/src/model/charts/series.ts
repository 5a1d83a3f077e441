/** Metric points: from the server and live ones, made one series; and the columns that a chart draws. */
import type { Event, ISeries } from '../contract';
import { thinPoints } from './thin';

export type XAxis = 'step' | 'time' | 'relative';
export type Point = ISeries['points'][number];

/** A series as it is drawn. */
export interface IChartSeries extends ISeries {
  name: string;
  /** Any CSS colour, see `colorOf`. */
  color: string;
  dash?: number[];
}

export const seriesId = (series: { run: string; key: string }): string => `${series.run}\n${series.key}`;

type MetricEvent = Extract<Event, { type: 'metric' }>;

/**
 * Add what came in live. What the series has already (by `total`) is left out, and so are points before its last one.
 * Above twice `limit` points it is thinned to `limit`.
 */
export function withLive(series: ISeries | undefined, event: MetricEvent, limit: number): ISeries {
  const { run, key, total } = event;
  if (!series) {
    return { run, key, points: thinPoints(event.points, limit), total };
  }
  if (total <= series.total) {
    return series;
  }
  const last = series.points.at(-1);
  const fresh = last ? event.points.filter(point => isAfter(point, last)) : event.points;
  const points = [...series.points, ...fresh];
  return { run, key, points: points.length > 2 * limit ? thinPoints(points, limit) : points, total };
}

/** Steps and times both tell the order: many points can have one time, and a loop can begin again at step 0. */
function isAfter(point: Point, last: Point): boolean {
  return point[2] > last[2] || (point[2] === last[2] && point[0] > last[0]);
}

/** A new answer beside what live points made of the old one: of each series the one that knows more. */
export function latest(answer: readonly ISeries[], live: ReadonlyMap<string, ISeries>): Map<string, ISeries> {
  const found = new Map(answer.map(series => [seriesId(series), series]));
  for (const [id, series] of live) {
    const answered = found.get(id);
    if (answered && series.total > answered.total) {
      const last = answered.points.at(-1);
      const fresh = last ? series.points.filter(point => isAfter(point, last)) : series.points;
      found.set(id, { ...answered, points: [...answered.points, ...fresh], total: series.total });
    } else if (!answered) {
      found.set(id, series);
    }
  }
  return found;
}

export interface IColumns {
  /** Ascending. */
  x: Float64Array;
  /** NaN where there is a gap. */
  y: Float64Array;
}

/** The columns of a series; on a log axis what isn't positive has no place and is left out (x) or a gap (y). */
export function columns(points: readonly Point[], axis: XAxis, { logX = false, logY = false } = {}): IColumns {
  const start = points.length ? points[0][2] : 0;
  const at = (point: Point) => (axis === 'step' ? point[0] : axis === 'time' ? point[2] : point[2] - start);
  let kept = logX ? points.filter(point => at(point) > 0) : points;
  if (kept.some((point, index) => index > 0 && at(point) < at(kept[index - 1]))) {
    kept = [...kept].sort((a, b) => at(a) - at(b));
  }
  const x = new Float64Array(kept.length);
  const y = new Float64Array(kept.length);
  kept.forEach((point, index) => {
    const value = point[1];
    x[index] = at(point);
    y[index] = value === null || (logY && value <= 0) ? NaN : value;
  });
  return { x, y };
}

/** The index of the point nearest to `x`; -1 when there is none. */
export function nearest(xs: Float64Array, x: number): number {
  const at = firstFrom(xs, x);
  if (at === 0) {
    return xs.length ? 0 : -1;
  }
  return at === xs.length || x - xs[at - 1] <= xs[at] - x ? at - 1 : at;
}

/** The first index whose x is at least `x`. */
export function firstFrom(xs: Float64Array, x: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** What to say of a series to who doesn't see it. */
export function summary(points: readonly Point[]): { first: number; last: number; min: number; max: number } | null {
  let found: { first: number; last: number; min: number; max: number } | null = null;
  for (const [, value] of points) {
    if (value !== null && Number.isFinite(value)) {
      found ??= { first: value, last: value, min: value, max: value };
      found.last = value;
      found.min = Math.min(found.min, value);
      found.max = Math.max(found.max, value);
    }
  }
  return found;
}
