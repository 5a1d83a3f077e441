/** What is asked of the server when a form is sent. */
import type { IInput, IRunOptions, Value } from '../contract';
import type { IGiven } from '../host';
import { asFloat, read, readMany, textOf, type IField } from './fields';
import { python } from './literals';

export interface IFilled {
  params: Record<string, string>;
  /** The parameters that are swept: their text holds several values. */
  swept: ReadonlySet<string>;
  inputs: Record<string, string>;
  options: IOptionTexts;
}

export interface IOptionTexts {
  name: string;
  tags: string;
  timeout: string;
  retries: string;
  parallel: string;
  cache: boolean;
  from_step: string;
  only: string;
  until: string;
  /** Of a sweep: what is best. */
  best: 'max' | 'min';
  result: string;
}

export interface IOrder {
  options: IRunOptions;
  problems: Record<string, string>;
  /** How many runs a sweep makes; null when it isn't one. */
  points: number | null;
}

type T = (text: string, ...args: (string | number)[]) => string;

export const NO_OPTIONS: IOptionTexts = {
  ...{ name: '', tags: '', timeout: '', retries: '', parallel: '', from_step: '', only: '', until: '' },
  ...{ cache: true, best: 'max', result: '' }
};

/** What a form shows at first. An input for which there is an artifact of its name takes it. */
export function filled(fields: IField[], inputs: IInput[], given: IGiven | undefined, keys: readonly string[]): IFilled {
  const params = Object.fromEntries(fields.map(field => [field.name, textOf(field, given?.params?.[field.name] as Value)]));
  const taken = (input: IInput) =>
    given?.inputs?.[input.name] ?? (given?.rerun === undefined && input.required && keys.includes(input.name) ? input.name : '');
  const { options = {} } = given ?? {};
  return {
    params,
    swept: new Set(),
    inputs: Object.fromEntries(inputs.map(input => [input.name, taken(input)])),
    options: {
      ...NO_OPTIONS,
      name: options.name ?? '',
      timeout: options.timeout ?? '',
      retries: options.retries === undefined ? '' : String(options.retries),
      parallel: options.parallel === undefined ? '' : String(options.parallel),
      cache: options.cache ?? true,
      from_step: options.from_step ?? '',
      only: (options.only ?? []).join(', '),
      until: options.until ?? ''
    }
  };
}

export function order(fields: IField[], inputs: IInput[], form: IFilled, given: IGiven | undefined, t: T): IOrder {
  const problems: Record<string, string> = {};
  const params: Record<string, Value> = {};
  const grid: Record<string, Value[]> = {};
  for (const field of fields) {
    const { name } = field;
    const text = form.params[name] ?? '';
    if (form.swept.has(name)) {
      const many = readMany(field, text, t);
      if ('problem' in many) {
        problems[name] = many.problem;
      } else {
        grid[name] = many.values;
      }
      continue;
    }
    const before = given?.params?.[name] as Value | undefined;
    if (before !== undefined && text === textOf(field, before)) {
      if (given?.rerun === undefined || form.swept.size > 0) {
        params[name] = field.control === 'float' && typeof before === 'number' ? asFloat(before) : before;
      }
      continue; // what is run again keeps it, also what no text can say
    }
    const meant = read(field, text, t);
    if (meant.kind === 'problem') {
      problems[name] = meant.text;
    } else if (meant.kind === 'value') {
      params[name] = meant.value;
    } else if (before !== undefined && field.default !== null) {
      params[name] = python(field.default); // a run that is run again would keep what it had
    }
  }
  for (const input of inputs) {
    if (input.required && !form.inputs[input.name]?.trim() && given?.inputs?.[input.name] === undefined) {
      problems[input.name] = t('Choose an artifact, or write a file’s path');
    }
  }
  const points = form.swept.size > 0 ? Object.values(grid).reduce((many, values) => many * values.length, 1) : null;
  const options = optionsOf(form, problems, points !== null, t);
  if (points !== null) {
    const select = form.options.result.trim() ? `${form.options.best}:${form.options.result.trim()}` : undefined;
    options.sweep = { grid, ...(select ? { select } : {}) };
  }
  const kept = given?.rerun !== undefined && points === null ? given.inputs : {};
  return { options: { ...options, params, inputs: chosenInputs(form.inputs, kept) }, problems, points };
}

function chosenInputs(inputs: Record<string, string>, kept: Record<string, string> = {}): Record<string, string> {
  const chosen = Object.entries(inputs).filter(([name, text]) => text.trim() && text !== kept[name]);
  return Object.fromEntries(chosen.map(([name, text]) => [name, text.trim()]));
}

function optionsOf(form: IFilled, problems: Record<string, string>, isSweep: boolean, t: T): IRunOptions {
  const { options: said } = form;
  const whole = (name: 'retries' | 'parallel', least: number): number | undefined => {
    const text = said[name].trim();
    if (text !== '' && !(/^\d+$/.test(text) && Number(text) >= least)) {
      problems[name] = t('Write a whole number from %1', least);
    }
    return text === '' ? undefined : Number(text);
  };
  const text = (of: string): string | undefined => of.trim() || undefined;
  const only = said.only.split(/[\s,]+/).filter(Boolean);
  const limits = { timeout: text(said.timeout), retries: whole('retries', 0) };
  const plan = {
    cache: said.cache ? undefined : false,
    from_step: text(said.from_step),
    only: only.length > 0 ? only : undefined,
    until: text(said.until)
  };
  const all = {
    name: text(said.name),
    tags: tagsOf(said.tags, problems, t),
    parallel: whole('parallel', 1),
    ...(isSweep ? {} : { ...limits, ...plan }) // a sweep doesn't take them
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function tagsOf(text: string, problems: Record<string, string>, t: T): Record<string, string> | undefined {
  const pairs = text
    .split(',')
    .map(part => part.trim())
    .filter(Boolean)
    .map(part => [part, part.indexOf('=')] as const);
  if (pairs.some(([, at]) => at < 1)) {
    problems.tags = t('Write key=value, with commas between');
  }
  return pairs.length > 0
    ? Object.fromEntries(pairs.map(([part, at]) => [part.slice(0, at).trim(), part.slice(at + 1).trim()]))
    : undefined;
}

/** The fields that a refusal names: it is shown beside them. */
export function namedIn(message: string, names: string[]): string[] {
  return names.filter(name => new RegExp(`(^|[^\\w.])${name}($|[^\\w])`).test(message));
}
