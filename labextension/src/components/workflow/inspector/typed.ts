/** What is typed into a field, as a value; and a value as one would type it. */
import type { IParameter, Value } from '../../../model/contract';
import type { IHost } from '../../../model/host';
import { literal, pythonOf } from '../../../model/workflow/literals';
import { referenceOf } from '../../../model/workflow/values';

export type Control = IParameter['control'];

/** `value` undefined: it isn't given. */
export type Entered = { value: Value | undefined; error: null } | { error: string };

const WHOLE = /^[-+]?\d[\d_]*$/;
const NUMBER = /^[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;

export function entered(typed: string, control: Control, t: IHost['t']): Entered {
  const text = typed.trim();
  if (text === '') {
    return { value: undefined, error: null };
  }
  if (referenceOf(text)) {
    return { value: text, error: null };
  }
  if (control === 'str') {
    return { value: typed, error: null };
  }
  if (text === 'None') {
    return { value: { $: 'python', v: 'None' }, error: null };
  }
  if (control === 'int') {
    return WHOLE.test(text) ? whole(text, t) : { error: t('A whole number, like 3') };
  }
  if (control === 'float') {
    return NUMBER.test(text) ? { value: Number(text.replaceAll('_', '')), error: null } : { error: t('A number, like 0.1') };
  }
  try {
    return { value: literal(text), error: null };
  } catch {
    return { error: t('A literal of Python, like 3, "text" or [1, 2]') };
  }
}

function whole(text: string, t: IHost['t']): Entered {
  const value = Number(text.replaceAll('_', ''));
  return Number.isSafeInteger(value) ? { value, error: null } : { error: t('Too large for this field: write it in the code') };
}

export function typedOf(value: Value | undefined, control: Control): string {
  if (value === undefined) {
    return '';
  }
  return typeof value === 'string' && (control === 'str' || referenceOf(value)) ? value : pythonOf(value);
}

/** The items of a list without its brackets, as for a grid: `2, 4, 8`. */
export function enteredList(typed: string, t: IHost['t']): Entered {
  const text = typed.trim();
  return text === '' || text.startsWith('[') || referenceOf(text)
    ? entered(text, 'python', t)
    : entered(`[${text}]`, 'python', t);
}

export const typedList = (value: Value | undefined): string =>
  Array.isArray(value) ? pythonOf(value).slice(1, -1) : typedOf(value, 'python');

/** A time or size: seconds, or a text like `10m`. */
export const amount = (text: string): Value => (NUMBER.test(text.trim()) ? Number(text) : text.trim());

/** `NAME=value` line by line. */
export function enteredEnv(typed: string, t: IHost['t']): Entered {
  const found: Record<string, string> = {};
  for (const line of typed.split('\n').filter(each => each.trim() !== '')) {
    const [, name, value] = /^\s*([A-Za-z_]\w*)\s*=(.*)$/.exec(line) ?? [];
    if (name === undefined) {
      return { error: t('Write NAME=value, one a line') };
    }
    found[name] = value.trim();
  }
  return { value: Object.keys(found).length ? found : undefined, error: null };
}

export const typedEnv = (env: Record<string, Value>): string =>
  Object.entries(env)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : pythonOf(value)}`)
    .join('\n');

export const without = (group: Record<string, Value>, name: string): Record<string, Value> =>
  Object.fromEntries(Object.entries(group).filter(([key]) => key !== name));
