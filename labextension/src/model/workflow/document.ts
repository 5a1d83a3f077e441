/** What the YAML of a workflow says, as plain nouns; `text` is the truth, these are read from it. */
import type { Node } from 'yaml';
import type { IProblem, Value } from '../contract';
import { Source, Unreadable } from './source';
import { valueOf } from './values';

/** A step as it's written. A text that is `${step.output}` or `${params.name}` as a whole is a reference, as in YAML. */
export interface IStep {
  name: string;
  /** `train`, `train@VERSION` or `train:TAG`; null when it calls a workflow. */
  function: string | null;
  workflow: string | null;
  params: Record<string, Value>;
  inputs: Record<string, Value>;
  after: string[];
  when: string | null;
  foreach: Record<string, Value>;
  sweep: Value;
  retries: Value;
  backoff: Value;
  timeout: Value;
  /** null when it isn't said, which means true. */
  cache: boolean | null;
  resources: Record<string, Value>;
  env: Record<string, Value>;
  on_failure: string | null;
  /** 1-based line of its name. */
  line: number | null;
}

export interface IWorkflowParam {
  name: string;
  default: Value;
  /** Whether it has no default: it must be given. */
  required: boolean;
  type: string | null;
  help: string;
}

export interface IWorkflowDoc {
  name: string;
  description: string;
  params: IWorkflowParam[];
  steps: IStep[];
  on_exit: IStep | null;
  outputs: Record<string, Value>;
  layout: Record<string, [number, number]>;
}

/** The text read; when it can't be, `doc` is null and `problem` says where and why. */
export type Reading = { doc: IWorkflowDoc; problem: null } | { doc: null; problem: IProblem };

export const EMPTY: IWorkflowDoc = { name: '', description: '', params: [], steps: [], on_exit: null, outputs: {}, layout: {} };

/** The name of the step that runs at the end, whatever happened, as it appears among the others. */
export const ON_EXIT = 'on_exit';

/** Where a step stands in the YAML. */
export const pathOf = (step: string): string[] => (step === ON_EXIT ? [ON_EXIT] : ['steps', step]);

/** The Function's name, without version or tag. */
export const functionOf = (step: IStep): string | null => step.function?.split(/[@:]/)[0] ?? null;

export function read(text: string): Reading {
  try {
    return { doc: docOf(Source.of(text)), problem: null };
  } catch (error) {
    if (error instanceof Unreadable) {
      return { doc: null, problem: error.problem };
    }
    throw error;
  }
}

function docOf(source: Source): IWorkflowDoc {
  const at = (...path: string[]): Value => valueOf(source.node(path));
  return {
    name: textOf(at('name')) ?? '',
    description: textOf(at('description')) ?? '',
    params: source.keys(['params']).map(name => paramOf(name, at('params', name))),
    steps: source.keys(['steps']).map(name => stepOf(source, name, ['steps', name])),
    on_exit: source.node([ON_EXIT]) === null ? null : stepOf(source, ON_EXIT, [ON_EXIT]),
    outputs: group(at('outputs')),
    layout: Object.fromEntries(Object.entries(group(at('layout'))).filter(isPlace))
  };
}

function stepOf(source: Source, name: string, path: string[]): IStep {
  const said = group(valueOf(source.node(path) as Node | null));
  const after = said.after ?? [];
  return {
    name,
    function: textOf(said.function),
    workflow: textOf(said.workflow),
    params: group(said.params),
    inputs: group(said.inputs),
    after: (Array.isArray(after) ? after : [after]).filter(item => typeof item === 'string'),
    when: said.when === undefined || said.when === null ? null : String(said.when),
    foreach: group(said.foreach),
    sweep: said.sweep ?? null,
    retries: said.retries ?? null,
    backoff: said.backoff ?? null,
    timeout: said.timeout ?? null,
    cache: typeof said.cache === 'boolean' ? said.cache : null,
    resources: group(said.resources),
    env: group(said.env),
    on_failure: textOf(said.on_failure),
    line: source.line(source.pair(path)?.key)
  };
}

function paramOf(name: string, value: Value): IWorkflowParam {
  const described = isGroup(value) ? value : null;
  return {
    name,
    default: described ? (described.default ?? null) : value,
    required: described !== null && !('default' in described),
    type: textOf(described?.type),
    help: textOf(described?.help) ?? ''
  };
}

const isGroup = (value: Value | undefined): value is Record<string, Value> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('$' in value);

const group = (value: Value | undefined): Record<string, Value> => (isGroup(value) ? value : {});

const textOf = (value: Value | undefined): string | null => (typeof value === 'string' ? value : null);

const isPlace = (entry: [string, Value]): entry is [string, [number, number]] =>
  Array.isArray(entry[1]) && entry[1].length === 2 && entry[1].every(part => typeof part === 'number' && Number.isFinite(part));
