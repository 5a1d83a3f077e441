/** Round numbers on an axis. */
import type { Range } from './scale';

/** About `count` round numbers inside the range: multiples of 1, 2 or 5 times a power of ten. */
export function linearTicks([low, high]: Range, count = 5): number[] {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) {
    return [low];
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(part => part * power).find(size => size >= rough * 0.999) ?? rough;
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at += 1) {
    ticks.push(Number((at * step).toPrecision(12)));
  }
  return ticks;
}

/** Powers of ten inside the range; with 2 and 5 between them when they are few, every few of them when they are many. */
export function logTicks([low, high]: Range, count = 5): number[] {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.ceil(Math.log10(high) - 1e-9);
  const inside = (tick: number) => tick >= low * 0.999999 && tick <= high * 1.000001;
  const powers = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  const tens = powers.filter(inside);
  if (tens.length > count) {
    const every = Math.ceil(tens.length / count);
    return tens.filter((_, index) => index % every === 0);
  }
  if (tens.length >= 3) {
    return tens;
  }
  const finer = powers.flatMap(power => [power, 2 * power, 5 * power].map(tick => Number(tick.toPrecision(3)))).filter(inside);
  return finer.length >= 2 ? finer : linearTicks([low, high], count);
}
