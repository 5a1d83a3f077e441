/** Which rows and columns of a long table are in view. Browsers can't make an element of more than some 30 million pixels: then rows per pixel grow. */

/** Pixels of a row. */
export const HEIGHT = 26;
const LIMIT = 12_000_000;

/** The height of all rows. */
export const spread = (total: number): number => Math.min(total * HEIGHT, LIMIT);

export function firstRow(top: number, height: number, total: number): number {
  const whole = total * HEIGHT;
  const visible = Math.floor(height / HEIGHT);
  if (whole <= LIMIT) {
    return Math.max(0, Math.min(Math.floor(top / HEIGHT) - 4, total - 1));
  }
  const part = Math.min(1, Math.max(0, top / (LIMIT - height)));
  return Math.max(0, Math.round(part * Math.max(0, total - visible)));
}

/** Where the first row stands. */
export function offsetOf(first: number, top: number, height: number, total: number): number {
  if (total * HEIGHT <= LIMIT) {
    return first * HEIGHT;
  }
  const shown = Math.ceil(height / HEIGHT) * HEIGHT;
  return Math.min(top, LIMIT - shown);
}

/** The columns from one to before another that are in view, and some beside them; `left` and `width` in pixels of what scrolls. */
export function columnsIn(widths: readonly number[], left: number, width: number): [from: number, to: number] {
  let [from, to, end] = [0, 0, 0];
  for (const each of widths) {
    if (end > left + width + BESIDE) {
      break;
    }
    end += each;
    to += 1;
    from += end < left - BESIDE ? 1 : 0;
  }
  return [from, to];
}

const BESIDE = 400; // pixels
