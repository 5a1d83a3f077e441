/** Fewer points that look the same: of each slice the lowest and the highest stay, so that no peak gets lost. */
import type { ISeries } from '../contract';

type Point = ISeries['points'][number];

/** At most about `limit` points, with first and last, in their order. A gap stays a gap. */
export function thinPoints(points: readonly Point[], limit: number): Point[] {
  if (points.length <= limit || limit < 4) {
    return [...points];
  }
  const kept: Point[] = [points[0]];
  const slices = Math.floor((limit - 2) / 2);
  const inner = points.length - 2;
  for (let slice = 0; slice < slices; slice += 1) {
    const from = 1 + Math.floor((slice * inner) / slices);
    const to = 1 + Math.floor(((slice + 1) * inner) / slices);
    const chosen = extremes(from, to, index => points[index][1] ?? NaN);
    chosen.forEach(index => kept.push(points[index]));
  }
  kept.push(points[points.length - 1]);
  return kept;
}

/** Indices of the lowest and highest value, ascending; one when they are the same, or when there are only gaps. */
function extremes(from: number, to: number, value: (index: number) => number): number[] {
  let low = -1;
  let high = -1;
  for (let index = from; index < to; index += 1) {
    const here = value(index);
    if (here === here) {
      low = low < 0 || here < value(low) ? index : low;
      high = high < 0 || here > value(high) ? index : high;
    }
  }
  if (low < 0) {
    return from < to ? [from] : [];
  }
  return low === high ? [low] : low < high ? [low, high] : [high, low];
}

/** What a path is drawn with. */
export interface IPen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/**
 * Draw `from…to` with at most four points a pixel column: entering, lowest, highest, leaving. Gaps (NaN) interrupt the line; a
 * point alone between gaps becomes a dash as long as `pixel`, else it couldn't be seen.
 */
export function drawThinned(
  pen: IPen,
  { x, y }: { x: Float64Array; y: Float64Array },
  [from, to]: [number, number],
  toX: (x: number) => number,
  toY: (y: number) => number,
  pixel = 1
): void {
  let down = false;
  let alone = false;
  let lastX = 0;
  let lastY = 0;
  const dot = () => alone && pen.lineTo(lastX + pixel, lastY);
  for (let index = from; index < to;) {
    if (y[index] !== y[index]) {
      dot();
      down = alone = false;
      index += 1;
      continue;
    }
    const column = Math.floor(toX(x[index]) / pixel);
    const start = index;
    let low = index;
    let high = index;
    for (index += 1; index < to && y[index] === y[index] && Math.floor(toX(x[index]) / pixel) === column; index += 1) {
      low = y[index] < y[low] ? index : low;
      high = y[index] > y[high] ? index : high;
    }
    let before = -1;
    for (const at of low < high ? [start, low, high, index - 1] : [start, high, low, index - 1]) {
      if (at !== before) {
        lastX = toX(x[at]);
        lastY = toY(y[at]);
        alone = !down;
        if (down) {
          pen.lineTo(lastX, lastY);
        } else {
          pen.moveTo(lastX, lastY);
        }
        down = true;
        before = at;
      }
    }
  }
  dot();
}

/**
 * The curve as one bar a pixel column, from the lowest to the highest of its points and of the step from the column before: for many
 * dense curves, where strokes take much longer and look the same. `bar` gets its left, top, and height.
 */
export function barsOf(
  { x, y }: { x: Float64Array; y: Float64Array },
  [from, to]: [number, number],
  toX: (x: number) => number,
  toY: (y: number) => number,
  bar: (left: number, top: number, height: number) => void,
  pixel = 1
): void {
  let before = NaN; // where the curve left the column before
  for (let index = from; index < to;) {
    if (y[index] !== y[index]) {
      before = NaN;
      index += 1;
      continue;
    }
    const column = Math.floor(toX(x[index]) / pixel);
    let top = toY(y[index]);
    let bottom = top;
    let last = top;
    for (index += 1; index < to && y[index] === y[index] && Math.floor(toX(x[index]) / pixel) === column; index += 1) {
      last = toY(y[index]);
      top = last < top ? last : top;
      bottom = last > bottom ? last : bottom;
    }
    if (before < top) {
      top = before;
    } else if (before > bottom) {
      bottom = before;
    }
    bar(column * pixel, top, Math.max(pixel, bottom - top));
    before = last;
  }
}
