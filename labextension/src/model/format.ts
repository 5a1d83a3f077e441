/** Numbers, times and sizes as people read them. */
import type { Json, State } from './contract';

export const FINISHED: ReadonlySet<State> = new Set(['completed', 'error', 'aborted', 'skipped', 'cached']);

export const isFinished = (state: State): boolean => FINISHED.has(state);

/** `0.4 s`, `12 s`, `3 m 18 s`, `2 h 5 m`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) {
    return '';
  }
  if (seconds < 1) {
    return seconds < 0.0005 ? '0 ms' : `${Math.round(seconds * 1000)} ms`;
  }
  if (seconds < 10) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  if (whole < 60) {
    return `${whole} s`;
  }
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} m ${whole % 60} s`;
  }
  const hours = Math.floor(whole / 3600);
  return hours < 48 ? `${hours} h ${Math.floor((whole % 3600) / 60)} m` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `412 MB`, in powers of 1000. */
export function bytes(size: number | null | undefined): string {
  if (size === null || size === undefined) {
    return '';
  }
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let left = size;
  let unit = 0;
  while (left >= 999.5 && unit < units.length - 1) {
    left /= 1000;
    unit += 1;
  }
  return `${unit === 0 || left >= 99.5 ? Math.round(left) : left.toPrecision(2)} ${units[unit]}`;
}

/** `12 s ago`, `4 min ago`, `3 h ago`, else the date. `now` in seconds. */
export function ago(time: number | null | undefined, now: number = Date.now() / 1000): string {
  if (time === null || time === undefined) {
    return '';
  }
  const seconds = Math.max(0, now - time);
  if (seconds < 5) {
    return 'now';
  }
  if (seconds < 60) {
    return `${Math.floor(seconds)} s ago`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min ago`;
  }
  if (seconds < 86400) {
    return `${Math.floor(seconds / 3600)} h ago`;
  }
  return seconds < 7 * 86400 ? `${Math.floor(seconds / 86400)} d ago` : date(time).slice(0, 10);
}

/** `2026-11-24 08:35:12`, in local time. */
export function date(time: number | null | undefined): string {
  if (time === null || time === undefined) {
    return '';
  }
  const there = new Date(time * 1000);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${there.getFullYear()}-${two(there.getMonth() + 1)}-${two(there.getDate())}`;
  return `${day} ${two(there.getHours())}:${two(there.getMinutes())}:${two(there.getSeconds())}`;
}

/** At most five digits, without needless zeros: `0.9165`, `12,345`, `1.2e-7`. */
export function number(value: number): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
  }
  const size = Math.abs(value);
  if (value === 0 || Number.isInteger(value)) {
    return size < 1e15 ? value.toLocaleString('en-US') : value.toExponential(4).replace(/\.?0+e/, 'e');
  }
  if (size < 1e-4 || size >= 1e9) {
    return value.toExponential(3).replace(/\.?0+e/, 'e');
  }
  return size >= 1000 ? value.toLocaleString('en-US', { maximumFractionDigits: 1 }) : String(Number(value.toPrecision(5)));
}

/** Any value in one line. */
export function shown(value: Json | undefined, limit = 200): string {
  if (value === null || value === undefined) {
    return '–';
  }
  const text = typeof value === 'number' ? number(value) : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

/** What a terminal acts on: colours and their like (what is between, and which), links and titles, and the single ones. */
export const ESCAPE =
  /\u001b(?:\[([0-9;:<=>?]*)([ -/]*[@-~])|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]+[0-~]|[0-OQ-WYZ\\`-~])/g;
const CONTROLS = /\u001b(?:\[[0-9;:<=>? -/]*|\][^\u001b]{0,200})?$|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** Text without what is for terminals: colours, links, the half of a sequence at its end, and other controls. */
export function plain(text: string): string {
  return text.replace(ESCAPE, '').replace(CONTROLS, '');
}

/** The end of a run's id, which is enough to tell it from its neighbours. */
export const shortId = (run: string): string => run.slice(-8);
