/** Values as text in a form, and back. What JSON can't say travels as the source of a Python literal. */
import type { Value } from '../contract';

type Tagged = { $: string; v?: Value };

const isTagged = (value: Value): value is Tagged & { [key: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && '$' in value;

export const python = (source: string): Value => ({ $: 'python', v: source });

/** A value as Python writes it, or null when it's of a type that no literal can say. */
export function source(value: Value): string | null {
  if (value === null) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (typeof value === 'number') {
    return String(value);
  }
  if (typeof value === 'string') {
    return quoted(value);
  }
  if (Array.isArray(value)) {
    return wrapped(value, '[', ']');
  }
  if (isTagged(value)) {
    return tagged(value);
  }
  const parts = Object.entries(value).map(([key, part]) => {
    const said = source(part);
    return said === null ? null : `${quoted(key)}: ${said}`;
  });
  return parts.includes(null) ? null : `{${parts.join(', ')}}`;
}

function tagged({ $, v }: Tagged): string | null {
  const parts = Array.isArray(v) ? v : null;
  switch ($) {
    case 'python':
      return typeof v === 'string' ? v : null;
    case 'float':
      return typeof v === 'string' ? v : null;
    case 'tuple':
      return parts && (parts.length === 1 ? wrapped(parts, '(', ',)') : wrapped(parts, '(', ')'));
    case 'set':
      return parts && parts.length > 0 ? wrapped(parts, '{', '}') : null;
    default:
      return null;
  }
}

function wrapped(values: Value[], open: string, close: string): string | null {
  const parts = values.map(source);
  return parts.includes(null) ? null : open + parts.join(', ') + close;
}

function quoted(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return `'${escaped.replaceAll("'", "\\'")}'`;
}

const OPEN: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/**
 * Text cut at its commas, but for those inside of brackets and quotes.
 *
 * Null when a bracket or quote isn't closed.
 */
export function parts(text: string): string[] | null {
  const found: string[] = [''];
  const closers: string[] = [];
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    const last = found.length - 1;
    if (quote) {
      if (letter === '\\') {
        found[last] += letter + (text[at + 1] ?? '');
        at += 1;
        continue;
      }
      quote = letter === quote ? '' : quote;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
    } else if (letter in OPEN) {
      closers.push(OPEN[letter]);
    } else if (letter === ')' || letter === ']' || letter === '}') {
      if (closers.pop() !== letter) {
        return null;
      }
    } else if (letter === ',' && closers.length === 0) {
      found.push('');
      continue;
    }
    found[last] += letter;
  }
  return quote || closers.length > 0 ? null : found.map(part => part.trim());
}
