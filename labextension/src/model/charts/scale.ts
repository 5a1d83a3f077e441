/** Ranges and places on linear and logarithmic axes. */

export type Range = [number, number];

/** The lowest and highest finite value, of the positive ones when `log`; null when there is none. */
export function extent(values: Iterable<number>, log = false): Range | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (Number.isFinite(value) && (!log || value > 0)) {
      low = value < low ? value : low;
      high = value > high ? value : high;
    }
  }
  return low > high ? null : [low, high];
}

/** Of two numbers as far apart as this the difference is still a number. */
const FARTHEST = Number.MAX_VALUE / 2;

/** Some air around it; a single value gets a range of its own size. */
export function padded([low, high]: Range, log = false, share = 0.05): Range {
  if (log) {
    const by = low === high ? 2 : (high / low) ** share;
    return [low / by, high * by];
  }
  const by = low === high ? Math.abs(low) * 0.1 || 1 : high * share - low * share;
  return [Math.max(low - by, -FARTHEST), Math.min(high + by, FARTHEST)];
}

/** What a range is counted in so that ticks can be found for it: 1, or for very large and very small ones a power of ten. */
export function unitOf([low, high]: Range): number {
  const size = Math.max(Math.abs(low), Math.abs(high));
  return size > 1e30 || (size > 0 && size < 1e-12) ? Number(`1e${Math.floor(Math.log10(size))}`) : 1;
}

/** Where a value lies between the ends: 0 to 1 inside. */
export function share(value: number, [low, high]: Range, log = false): number {
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** The value at a share. */
export function valueAt(part: number, [low, high]: Range, log = false): number {
  return log ? low * (high / low) ** part : low + part * (high - low);
}

/** The range made `factor` times as long around the value `at`, e.g. 0.5 to zoom in. */
export function scaled(range: Range, factor: number, at: number, log = false): Range {
  const centre = share(at, range, log);
  return [valueAt(centre - centre * factor, range, log), valueAt(centre + (1 - centre) * factor, range, log)];
}

/** The range moved by a share of its length. */
export function moved(range: Range, by: number, log = false): Range {
  return [valueAt(by, range, log), valueAt(1 + by, range, log)];
}
