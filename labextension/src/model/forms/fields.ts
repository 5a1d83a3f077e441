/** The fields of a form that runs something: what each takes, what is typed, and what is meant by it. */
import type { IParameter, Value } from '../contract';
import { shown } from '../format';
import { parts, python, source } from './literals';

export interface IField {
  name: string;
  control: IParameter['control'];
  hint: string | null;
  help: string;
  /** Python source; null when it must be given. */
  default: string | null;
  choices: Value[] | null;
}

export type Read = { kind: 'default' } | { kind: 'value'; value: Value } | { kind: 'problem'; text: string };

type T = (text: string, ...args: (string | number)[]) => string;

export function fieldOf(parameter: IParameter): IField {
  const { name, control, hint, help, choices } = parameter;
  return {
    name,
    control: control === 'choice' && !choices?.length ? 'python' : control,
    hint,
    help,
    default: parameter.default,
    choices
  };
}

/** The same of a workflow's parameter, whose type may not be said. */
export function workflowField(param: {
  name: string;
  default: Value;
  required: boolean;
  type: string | null;
  help: string;
}): IField {
  const written = param.required ? null : (source(param.default) ?? shown(param.default));
  const control = CONTROLS[param.type ?? (param.default === null ? '' : kindOf(param.default))] ?? 'python';
  return { name: param.name, control, hint: param.type, help: param.help, default: written, choices: null };
}

const CONTROLS: Record<string, IField['control']> = { int: 'int', float: 'float', bool: 'bool', str: 'str' };

function kindOf(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    case 'string':
      return 'str';
    default:
      return '';
  }
}

/** A value as the field's text. */
export function textOf(field: IField, value: Value | undefined): string {
  if (value === undefined) {
    return '';
  }
  if (field.control === 'str' && typeof value === 'string') {
    return value === '' ? "''" : value;
  }
  return source(value) ?? '';
}

/** What a default looks like where the text would be. */
export function placeholder(field: IField): string {
  const { control, default: written } = field;
  if (written === null) {
    return '';
  }
  const plain = control === 'str' || control === 'choice' ? /^(['"])(.*)\1$/.exec(written)?.[2] : null;
  return plain ?? written;
}

/** What is meant by a text. Nothing means the default. */
export function read(field: IField, text: string, t: T): Read {
  const trimmed = text.trim();
  if (trimmed === '') {
    return field.default === null ? { kind: 'problem', text: t('Is needed') } : { kind: 'default' };
  }
  switch (field.control) {
    case 'int':
      return whole(trimmed, t);
    case 'float':
      return decimal(trimmed, t);
    case 'bool':
      return trimmed === 'True' || trimmed === 'False'
        ? { kind: 'value', value: trimmed === 'True' }
        : { kind: 'problem', text: t('Write True or False') };
    case 'choice':
      return chosen(field, trimmed, t);
    case 'str':
      return { kind: 'value', value: /^(''|"")$/.test(trimmed) ? '' : text };
    case 'python':
      return parts(trimmed) === null
        ? { kind: 'problem', text: t('A bracket or quote isn’t closed') }
        : { kind: 'value', value: python(trimmed) };
  }
}

function whole(text: string, t: T): Read {
  if (!/^[+-]?\d[\d_]*$/.test(text)) {
    return { kind: 'problem', text: t('Write a whole number') };
  }
  const value = Number(text.replaceAll('_', ''));
  return { kind: 'value', value: Number.isSafeInteger(value) ? value : python(text.replace(/^\+/, '')) };
}

function decimal(text: string, t: T): Read {
  const plain = text.replaceAll('_', '');
  if (/^[+-]?(inf|infinity|nan)$/i.test(plain)) {
    return { kind: 'value', value: { $: 'float', v: plain.toLowerCase().replace('infinity', 'inf').replace('+', '') } };
  }
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain);
  return isNumber ? { kind: 'value', value: asFloat(Number(plain)) } : { kind: 'problem', text: t('Write a number') };
}

/** JSON has one kind of number: `1` would come to Python as an int. */
export const asFloat = (value: number): Value => (Number.isInteger(value) ? { $: 'float', v: String(value) } : value);

function chosen(field: IField, text: string, t: T): Read {
  const value = field.choices?.find(each => choiceText(each) === text);
  return value === undefined
    ? { kind: 'problem', text: t('Choose one of %1', (field.choices ?? []).map(choiceText).join(', ')) }
    : { kind: 'value', value };
}

export const choiceText = (value: Value): string => (typeof value === 'string' ? value : (source(value) ?? shown(value)));

/** The values to try, of a text with commas. */
export function readMany(field: IField, text: string, t: T): { values: Value[] } | { problem: string } {
  const texts = (parts(text) ?? []).filter(part => part !== '');
  if (texts.length === 0) {
    return { problem: t('Write values with commas between them') };
  }
  const found = texts.map(part => read({ ...field, default: null }, unquoted(field, part), t));
  const wrong = found.find(each => each.kind === 'problem');
  return wrong ? { problem: wrong.text } : { values: found.flatMap(each => (each.kind === 'value' ? [each.value] : [])) };
}

/** Text may be quoted in a list, as it may hold a comma. */
function unquoted(field: IField, part: string): string {
  const inside = field.control === 'str' || field.control === 'choice' ? /^(['"])(.+)\1$/s.exec(part) : null;
  return inside ? inside[2] : part;
}
