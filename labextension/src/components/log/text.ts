/** The part of a log that is here: lines, and from which byte to which it reaches. Nothing is changed in place. */
import { plain } from '../../model/format';
import { after, PLAIN, type ILook } from './ansi';

export interface ILine {
  /** Stays with the line, whatever comes before or after it. */
  key: number;
  text: string;
  /** So many bytes are missing here; then there is no text. */
  missing?: number;
  /** What the lines before left it to begin with. */
  look?: ILook;
}

export interface ILogText {
  lines: ILine[];
  /** Byte offset of the first character here; 0 when all of the beginning is here. */
  start: number;
  /** Byte offset after the last character here. */
  end: number;
  /** Byte offset of the last line: it may be written over as long as it isn't ended. */
  last: number;
}

/** More lines than this aren't kept; the earliest go. */
export const MOST_LINES = 100_000;

/** A gap of less than a character is the half of one that was cut. */
const CHARACTER = 4;

export function begin(text: string, offset: number, end = offset + size(text)): ILogText {
  return { lines: lined(text, 0), start: offset, end, last: lastLine(text, offset, offset) };
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
  const last = log.lines.at(-1);
  const now = { ...log, end, last: lastLine(text, offset, log.last) };
  if (-there >= CHARACTER) {
    const lines = [...log.lines, { key: next, text: '', missing: -there }, ...lined(text, next + 1)];
    return kept({ ...now, lines, last: lastLine(text, offset, offset) });
  }
  if (last === undefined || last.missing !== undefined) {
    return kept({ ...now, lines: [...log.lines, ...lined(text, next)] });
  }
  const more = lined(last.text + text, last.key, last.look);
  return kept({ ...now, lines: [...log.lines.slice(0, -1), ...more] });
}

/** Whether its last line may still be written over, as a progress bar does. */
export const isOpen = (log: ILogText): boolean => log.lines.at(-1)?.text !== '' && log.lines.length > 0;

/** Take what stands from the last line on, read anew, in its place. */
export function again(log: ILogText, text: string, offset: number, end: number): ILogText {
  const last = log.lines.at(-1);
  if (offset !== log.last || last === undefined || last.missing !== undefined) {
    return log; // it has gone on meanwhile
  }
  const more = lined(text, last.key, last.look);
  const same = more.length === 1 && more[0].text === last.text;
  const lines = same ? log.lines : [...log.lines.slice(0, -1), ...more];
  return kept({ ...log, lines, end, last: lastLine(text, offset, offset) });
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
  const early = lined(joined, base);
  const last = early.at(-1)!;
  return { ...log, lines: [...early, ...relooked(kin, after(last.text, last.look ?? PLAIN))], start: offset };
}

/** Lines after others: as far as a colour that isn't reset reaches into them. */
function relooked(lines: ILine[], from: ILook): ILine[] {
  let look = from;
  let at = 0;
  for (; at < lines.length && look !== (lines[at].look ?? PLAIN) && look !== PLAIN; at++) {
    look = after(lines[at].text, look);
  }
  let begin = from;
  const changed = lines.slice(0, at).map(line => {
    const looked = { ...line, look: begin };
    begin = after(line.text, begin);
    return looked;
  });
  return [...changed, ...lines.slice(at)];
}

/** Where the last line begins, after this text stands at `offset`; `before` if it ends no line. */
function lastLine(text: string, offset: number, before: number): number {
  const at = text.lastIndexOf('\n');
  return at < 0 ? before : offset + size(text.slice(0, at + 1));
}

/** All of it, to copy. */
export const whole = (log: ILogText): string => log.lines.map(line => line.text).join('\n');

/** The last piece is the line that is still being written; it is empty when the text ends with a line's end. */
function lined(text: string, from: number, begin: ILook = PLAIN): ILine[] {
  let look = begin;
  return text.split('\n').map((line, at) => {
    const before = look;
    look = after(line, look);
    return { key: from + at, text: settled(line), ...(before === PLAIN ? {} : { look: before }) };
  });
}

/** A carriage return writes over the line: the last writing is what one sees. */
function settled(line: string): string {
  return line.includes('\r')
    ? (line
        .split('\r')
        .filter(part => plain(part) !== '')
        .at(-1) ?? '')
    : line;
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
