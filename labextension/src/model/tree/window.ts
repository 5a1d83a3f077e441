/** Which rows of a long list are drawn, when not all have the same height. */
export interface IWindow {
  from: number;
  to: number;
  /** Space that the rows before and after would take, in pixels. */
  before: number;
  after: number;
}

const SPARE = 400; // pixels above and below, so that scrolling meets rows that are there

export function visible(heights: readonly number[], top: number, height: number): IWindow {
  const shown = { from: 0, to: heights.length, before: 0, after: 0 };
  let offset = 0;
  heights.forEach((each, index) => {
    if (offset + each <= top - SPARE) {
      shown.from = index + 1;
      shown.before = offset + each;
    } else if (offset >= top + height + SPARE) {
      shown.to = Math.min(shown.to, index);
      shown.after += each;
    }
    offset += each;
  });
  return shown;
}
