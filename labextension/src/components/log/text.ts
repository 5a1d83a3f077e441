/** The part of a log that is here: lines, and from which byte to which it reaches. Nothing is changed in place. */

export interface ILine {
  /** Stays with the line, whatever comes before or after it. */
  key: number;
  text: string;
  /** So many bytes are missing here; then there is no text. */
  missing?: number;
}

export interface ILogText {
  lines: ILine[];
  /** Byte offset of the first character here; 0 when all of the beginning is here. */
  start: number;
  /** Byte offset after the last character here. */
  end: number;
}

/** More lines than this aren't kept; the earliest go. */
export const MOST_LINES = 100_000;

/** A gap of less than a character is the half of one that was cut. */
const CHARACTER = 4;

export function begin(text: string, offset: number, end = offset + size(text)): ILogText {
  return { lines: lined(text, 0), start: offset, end };
}

/** Add what was written at `offset`: what is here already is cut off, and what is missing between is marked. */
export function append(log: ILogText, text: string, offset: number): ILogText {
  const there = log.end - offset;
  if (there > 0) {
    const rest = without(text, there);
    return rest === '' ? log : append(log, rest, log.end);
  }
  const next = (log.lines.at(-1)?.key ?? -1) + 1;
  const end = offset + size(text);
  if (-there >= CHARACTER) {
    const lines = [...log.lines, { key: next, text: '', missing: -there }, ...lined(text, next + 1)];
    return kept({ ...log, lines, end });
  }
  const last = log.lines.at(-1);
  if (last === undefined || last.missing !== undefined) {
    return kept({ ...log, lines: [...log.lines, ...lined(text, next)], end });
  }
  const more = lined(last.text + text, last.key);
  return kept({ ...log, lines: [...log.lines.slice(0, -1), ...more], end });
}

/** Put what comes before, from `offset` on, in front. */
export function prepend(log: ILogText, text: string, offset: number): ILogText {
  const wanted = log.start - offset;
  const before = wanted < size(text) ? first(text, wanted) : text;
  const [head, ...rest] = log.lines;
  const joined = head === undefined || head.missing !== undefined ? before : before + head.text;
  const kin = head === undefined || head.missing !== undefined ? log.lines : rest;
  const count = joined.split('\n').length;
  const base = (kin[0]?.key ?? count) - count;
  return { ...log, lines: [...lined(joined, base), ...kin], start: offset };
}

/** All of it, to copy. */
export const whole = (log: ILogText): string => log.lines.map(line => line.text).join('\n');

/** The last piece is the line that is still being written; it is empty when the text ends with a line's end. */
function lined(text: string, from: number): ILine[] {
  return text.split('\n').map((line, at) => ({ key: from + at, text: settled(line) }));
}

/** A carriage return writes over the line: the last writing is what one sees. */
function settled(line: string): string {
  return line.includes('\r') ? (line.split('\r').filter(Boolean).at(-1) ?? '') : line;
}

function kept(log: ILogText): ILogText {
  const over = log.lines.length - MOST_LINES;
  if (over <= 0) {
    return log;
  }
  // a tenth more, so that not each line costs a copy
  const cut = over + MOST_LINES / 10;
  const gone = log.lines.slice(0, cut).reduce((sum, line) => sum + (line.missing ?? size(line.text) + 1), 0);
  return { ...log, lines: log.lines.slice(cut), start: log.start + gone };
}

/** Bytes in UTF-8. A replacement character stands for one byte that couldn't be read. */
export function size(text: string): number {
  return new TextEncoder().encode(text).length - 2 * (text.split('\ufffd').length - 1);
}

function without(text: string, count: number): string {
  return count >= size(text) ? '' : new TextDecoder().decode(new TextEncoder().encode(text).slice(count));
}

function first(text: string, count: number): string {
  return new TextDecoder().decode(new TextEncoder().encode(text).slice(0, count), { stream: true }); // no half of a character
}
