/** What the YAML of a workflow says, as plain nouns; `text` is the truth, these are read from it. */
import type { IProblem, Value } from '../contract';

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
