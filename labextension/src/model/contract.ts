/**
 * What Python and TypeScript say to each other: the operations, their arguments and answers, and the events.
 *
 * `jupyter_mlops/api/` answers them; the server extension carries them as REST, the widget as comm messages. The fixtures in
 * `labextension/contract/` are read by the tests of both sides. Times are seconds since the epoch (UTC), durations seconds, sizes bytes.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * A value that may be more than JSON: as encoded by `jupyter_mlops.values` (`{"$": "tuple", "v": […]}`), or, on its way to
 * Python, `{"$": "python", "v": "<the source of a literal>"}`.
 */
export type Value = Json;

export type State = 'pending' | 'running' | 'completed' | 'error' | 'aborting' | 'aborted' | 'skipped' | 'cached';
export type Kind = 'dataset' | 'model' | 'plot' | 'table' | 'file' | 'dir';

// --- projects ---

export interface IProjectRef {
  /** The folder, relative to the server's root, with `/`; `""` is the root itself. Of a widget the name. */
  path: string;
  name: string;
  description: string;
  /** Set when its project.yaml can't be read: why. */
  problem?: string;
}

export interface IProject extends IProjectRef {
  params: Record<string, Value>;
  counts: { functions: number; workflows: number; runs: number; artifacts: number; running: number };
  /** Where the project's files are in Lab's file browser; null when they aren't there. */
  contents: string | null;
}

// --- functions ---

export interface IParameter {
  name: string;
  /** Python source of the default; null when the parameter is required. */
  default: string | null;
  /** The default as a value, or null when only a kernel can tell; see `default`. */
  value: Value;
  hint: string | null;
  help: string;
  /** What it may be, of a `Literal[…]`. */
  choices: Value[] | null;
  /** The kind of control that suits it. */
  control: 'int' | 'float' | 'bool' | 'str' | 'choice' | 'python';
}

export interface IInput {
  name: string;
  hint: string | null;
  default: string | null;
  required: boolean;
}

export interface IReturn {
  key: string;
  /** `result`, a Kind, or null when its type decides. */
  kind: string | null;
}

export interface IFunction {
  name: string;
  version: string;
  description: string;
  parameters: IParameter[];
  inputs: IInput[];
  returns: IReturn[];
  runtime: Record<string, Json>;
  /** How many runs it has, and its latest. */
  runs: number;
  latest: { run: string; state: State; created: number } | null;
  /** Set instead of everything else when its notebook can't be read. */
  problem?: string;
}

export interface IFunctionDetail extends IFunction {
  code: string;
  /** Its notebook in Lab's file browser. */
  contents: string | null;
  versions: { version: string; created: number; tags: string[]; current: boolean; description: string }[];
  /** The workflows with a step that calls it: they can't run without it. */
  workflows: string[];
}

export interface IDefined {
  function: IFunction;
  /** What is new, in words; empty when nothing changed. */
  change: string;
  warnings: string[];
}

// --- workflows ---

export interface IWorkflowRef {
  name: string;
  description: string;
  steps: number;
  contents: string | null;
  latest: { run: string; state: State; created: number; done: number } | null;
  problem?: string;
}

export interface IProblem {
  text: string;
  step: string | null;
  /** 1-based line of the YAML (or of the Python that was given). */
  line: number | null;
  field: string | null;
}

/** A workflow in its three forms. `python` is null when problems keep it from being said. */
export interface IWorkflowForms {
  name: string;
  yaml: string;
  python: string | null;
  problems: IProblem[];
  /** Hash of `yaml` as stored, to notice changes from outside; null when it isn't stored. */
  etag: string | null;
}

export interface IVerdict {
  step: string;
  verdict: 'cached' | 'will run' | 'skipped';
  why: string;
  run: string | null;
}

// --- runs ---

/** One row of the table of runs. */
export interface IRunRow {
  id: string;
  name: string;
  function: string | null;
  workflow: string | null;
  step: string | null;
  iteration: number | null;
  parent: string | null;
  state: State;
  reason: string;
  created: number;
  started: number | null;
  ended: number | null;
  /** So far, of a run that goes on. */
  duration: number | null;
  version: string | null;
  user: string;
  host: string;
  origin: string;
  /** As shown: text for what isn't a number. */
  params: Record<string, Json>;
  results: Record<string, Json>;
  tags: Record<string, string>;
  /** How many children: steps or iterations. */
  children: number;
  /** Whether it is the best of its sweep. */
  best: boolean;
}

export interface IRunColumns {
  params: string[];
  results: string[];
  tags: string[];
  metrics: string[];
}

export interface IFailure {
  ename: string;
  evalue: string;
  cell: number | null;
  line: number | null;
  /** Lines, may hold ANSI colours. */
  traceback: string[];
}

export interface ICell {
  index: number;
  state: string;
  seconds: number | null;
  /** The first line of its source. */
  source: string;
}

/** A step of a workflow's run, or an iteration of a sweep (then `name` is its number). */
export interface IStepLine {
  name: string;
  state: State;
  reason: string;
  run: string | null;
  function: string | null;
  started: number | null;
  ended: number | null;
  seconds: number | null;
  results: Record<string, Json>;
  params: Record<string, Json>;
  /** Of a `foreach`: how many of how many. */
  items: { done: number; total: number } | null;
  /** From 0 to 1, when its code says so. */
  progress: number | null;
  /** Why it failed, in one line. */
  error: string | null;
  best: boolean;
}

export interface IRunDetail extends IRunRow {
  error: IFailure | null;
  inputs: { name: string; uri: string; hash: string | null; artifact: string | null; key: string | null; kind: string | null }[];
  /** The values themselves, to fill a form for a re-run. */
  values: Record<string, Value>;
  metrics: { key: string; points: number; last: number | null }[];
  artifacts: IArtifactRow[];
  cells: ICell[];
  environment: Record<string, Json>;
  usage: { memory: number | null; cpu: number | null };
  git: { commit: string | null; branch: string | null; dirty: boolean | null };
  attempt: number;
  progress: { value: number | null; text: string } | null;
  /** The executed notebook in Lab's file browser; null when it isn't there. */
  notebook: string | null;
  folder: string;
  steps: IStepLine[];
  sweep: { select: string | null; params: string[]; best: string | null } | null;
  /** The workflow's YAML as this run had it. */
  yaml: string | null;
  resumable: boolean;
}

/** Points of one metric of one run, thinned by the server: `[step, value, time]`; null is a gap (NaN). */
export interface ISeries {
  run: string;
  key: string;
  points: [number, number | null, number][];
  /** How many there are in all. */
  total: number;
}

export interface IComparison {
  runs: IRunRow[];
  /** Rows of params, results and facts; `values` in the order of `runs`; those that differ come first. */
  rows: { section: 'params' | 'results' | 'about'; key: string; values: (Json | null)[]; differs: boolean }[];
  metrics: string[];
}

export interface IDiff {
  from: string | null;
  to: string;
  /** Unified diff, without header; empty when nothing changed. */
  lines: string[];
}

// --- artifacts ---

/** One version of an artifact. */
export interface IArtifactRow {
  uid: string;
  key: string;
  kind: Kind;
  size: number;
  hash: string;
  type: string;
  created: number;
  run: string | null;
  /** The name of the run's Function. */
  function: string | null;
  tags: string[];
  uri: string;
}

/** All versions of a key. */
export interface IArtifactGroup {
  key: string;
  kind: Kind;
  versions: number;
  tags: string[];
  latest: IArtifactRow;
}

export interface IArtifactDetail extends IArtifactRow {
  labels: Record<string, string>;
  meta: Record<string, Json>;
  /** Which preview suits it. */
  preview: 'table' | 'image' | 'html' | 'svg' | 'plotly' | 'vega' | 'model' | 'json' | 'text' | 'dir' | 'none';
  mime: string | null;
  filename: string;
  /** Whether the bytes are there. */
  whole: boolean;
  versions: IArtifactRow[];
  consumers: { run: string; name: string; function: string | null; state: State; created: number }[];
}

export interface ITableColumn {
  name: string;
  type: string;
  /** Missing values. */
  nulls: number | null;
  distinct: number | null;
  min: Json;
  max: Json;
  mean: number | null;
  /** Of numbers and times: `counts` in equal bins from `min` to `max`; of text the commonest values. */
  histogram: { counts: number[] } | { values: string[]; counts: number[] } | null;
}

export interface ITablePage {
  columns: ITableColumn[];
  rows: Json[][];
  total: number;
  offset: number;
  /** How many rows it has in all, where only the first `total` can be shown. */
  all?: number;
}

export interface ITextPreview {
  text: string;
  mime: string;
  /** Whether there is more than `text`. */
  cut: boolean;
  size: number;
  /** `base64` for images. */
  encoding: 'utf-8' | 'base64';
}

export interface ILineage {
  nodes: {
    id: string;
    type: 'artifact' | 'run' | 'source';
    name: string;
    kind: string | null;
    state: State | null;
    /** The one that was asked about. */
    focus: boolean;
  }[];
  edges: { source: string; target: string; name: string }[];
  /** Whether there is more than was sent. */
  cut: boolean;
}

/** A saved view of the table of runs. */
export interface IView {
  name: string;
  query: string;
  sort: { by: string; descending: boolean } | null;
  group: string | null;
  columns: string[] | null;
  pinned: string[];
}

// --- how things are run ---

export interface IRunOptions {
  params?: Record<string, Value>;
  /** A path, a `store://…` URI, an artifact's key (`key:tag`). */
  inputs?: Record<string, string>;
  name?: string;
  tags?: Record<string, string>;
  timeout?: string;
  retries?: number;
  /** Of workflows. */
  parallel?: number;
  cache?: boolean;
  from_step?: string;
  only?: string[];
  until?: string;
  /** A search over params: what `project.sweep` takes. */
  sweep?: {
    grid?: Record<string, Value[]>;
    list?: Record<string, Value[]>;
    random?: number;
    space?: Record<string, Value>;
    seed?: number;
    select?: string;
    stop?: string;
    max_errors?: number;
  };
}

// --- the operations ---

/** Each operation: what it takes (beside the project) and what it answers. */
export interface IOperations {
  'projects.list': { args: Record<string, never>; answer: { projects: IProjectRef[]; root: string } };
  'projects.create': { args: { path: string; name?: string }; answer: IProjectRef };
  'project.get': { args: Record<string, never>; answer: IProject };

  'functions.list': { args: Record<string, never>; answer: { functions: IFunction[] } };
  'functions.get': { args: { name: string }; answer: IFunctionDetail };
  'functions.define': {
    args: {
      name: string;
      code?: string;
      /** A notebook's path in Lab's file browser. */
      notebook?: string;
      inputs?: string[];
      returns?: string[];
      description?: string;
      /** Sources of the other cells of its notebook. */
      cells?: string[];
    };
    answer: IDefined;
  };
  'functions.delete': { args: { name: string }; answer: { removed: string } };

  'workflows.list': { args: Record<string, never>; answer: { workflows: IWorkflowRef[] } };
  'workflows.get': { args: { name: string }; answer: IWorkflowForms };
  /** Checks and converts; stores nothing. Exactly one of `yaml` and `python`; `previous` is the YAML whose comments are to stay. */
  'workflows.check': {
    args: { name: string; yaml?: string; python?: string; previous?: string };
    answer: IWorkflowForms;
  };
  /** Refused with `conflict` when it changed since `etag`. `etag: null` makes a new one, which must not be there. Leave it out to replace whatever is there. */
  'workflows.save': { args: { name: string; yaml: string; etag?: string | null }; answer: IWorkflowForms };
  'workflows.delete': { args: { name: string }; answer: { removed: string } };
  'workflows.explain': { args: { name: string; params?: Record<string, Value> }; answer: { steps: IVerdict[] } };

  /** Of `parent` null: only runs that have none; of an id: its children; left out: all. */
  'runs.list': {
    args: {
      query?: string;
      sort?: string;
      descending?: boolean;
      offset?: number;
      limit?: number;
      parent?: string | null;
      target?: string;
    };
    answer: { total: number; rows: IRunRow[]; columns: IRunColumns; offset: number };
  };
  /**
   * All runs that fit, in brief: how they fall into groups by a column or `tag:NAME` (largest count first, null without a value),
   * the least and greatest of each numeric result, and the tags there are, as `key=value`.
   */
  'runs.summary': {
    args: { query?: string; parent?: string | null; target?: string; by?: string };
    answer: {
      total: number;
      groups: { value: string | null; count: number }[];
      ranges: Record<string, [least: number, greatest: number]>;
      tags: string[];
    };
  };
  'runs.get': { args: { run: string }; answer: IRunDetail };
  'runs.start': { args: { target: string; options?: IRunOptions }; answer: { run: string } };
  'runs.abort': { args: { run: string }; answer: { run: string } };
  /** As it was, with `params` and `inputs` changed where given. */
  'runs.rerun': {
    args: { run: string; params?: Record<string, Value>; inputs?: Record<string, string> };
    answer: { run: string };
  };
  'runs.resume': { args: { run: string; params?: Record<string, Value> }; answer: { run: string } };
  'runs.delete': { args: { run: string }; answer: { removed: string } };
  /** null takes a tag away. */
  'runs.tag': { args: { run: string; tags: Record<string, string | null> }; answer: { tags: Record<string, string> } };
  'runs.metrics': { args: { runs: string[]; keys?: string[]; points?: number }; answer: { series: ISeries[] } };
  /** From `offset` (bytes), or the last `tail` bytes. `text` are the bytes from `offset` to `end`, where to go on. */
  'runs.log': {
    args: { run: string; offset?: number; tail?: number };
    answer: { text: string; offset: number; end: number; size: number };
  };
  'runs.compare': { args: { runs: string[] }; answer: IComparison };
  /** Its Function's code against the version before. */
  'runs.diff': { args: { run: string }; answer: IDiff };

  'artifacts.list': { args: { kind?: string; query?: string }; answer: { groups: IArtifactGroup[] } };
  'artifacts.get': { args: { uid: string }; answer: IArtifactDetail };
  'artifacts.table': {
    args: { uid: string; offset?: number; limit?: number; sort?: string; descending?: boolean };
    answer: ITablePage;
  };
  'artifacts.text': { args: { uid: string }; answer: ITextPreview };
  'artifacts.tag': { args: { uid: string; tag: string }; answer: { tags: string[] } };
  'artifacts.untag': { args: { uid: string; tag: string }; answer: { tags: string[] } };
  'artifacts.delete': { args: { uid: string }; answer: { removed: string } };
  'lineage.get': { args: { artifact?: string; run?: string; depth?: number }; answer: ILineage };

  'views.list': { args: Record<string, never>; answer: { views: IView[] } };
  'views.save': { args: { view: IView }; answer: { views: IView[] } };
  'views.delete': { args: { name: string }; answer: { views: IView[] } };
}

export type Operation = keyof IOperations;
export type Args<K extends Operation> = IOperations[K]['args'];
export type Answer<K extends Operation> = IOperations[K]['answer'];

/** A refusal: what went wrong and what to do, for people to read. `kind` is the exception's name, `problems` those of a workflow. */
export interface IRefusal {
  message: string;
  kind: string;
  status: number;
  problems?: IProblem[];
}

// --- events ---

/** What happens in a project while one watches. Everybody who watches the project gets those without `followed`. */
export type Event =
  /** A run began, changed or ended; its row as it is now, and how far its code says it is. */
  | { type: 'run'; run: IRunRow; progress?: { value: number | null; text: string } | null }
  | { type: 'removed'; run: string }
  /** A step of a workflow's run (or iteration of a sweep) changed; `run` is the parent. */
  | { type: 'step'; run: string; step: IStepLine }
  /** Followed runs only: new points, thinned to at most a few hundred a message. */
  | { type: 'metric'; run: string; key: string; points: [number, number | null, number][]; total: number }
  /** Followed runs only: log text from byte `offset` to `end`; what is too much for one message is left out and `offset` jumps. */
  | { type: 'log'; run: string; text: string; offset: number; end?: number }
  /** Followed runs only: a cell of the notebook changed. */
  | { type: 'cell'; run: string; cell: ICell }
  /** Functions, workflows or artifacts changed: ask again. `name` is the workflow's. */
  | { type: 'changed'; what: 'functions' | 'workflows' | 'artifacts' | 'project'; name: string | null };
