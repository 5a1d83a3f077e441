/** What the sidebar needs of the place that it is in, beside the host: the projects to choose from, and a memory. */
import type { Args, IProjectRef, Operation } from './contract';
import type { IGiven } from './host';

/** How many runs are shown at first. */
export const PAGE = 30;

/** What the sidebar asks as soon as it is there. */
export const ASKED_FIRST: readonly [Operation, Args<Operation>][] = [
  ['runs.list', { parent: null, limit: PAGE }],
  ['functions.list', {}],
  ['workflows.list', {}],
  ['artifacts.list', {}]
];

export interface IWanted {
  target: string;
  given?: IGiven;
}

export interface ISidebarPlace {
  /** Null until they are known. */
  readonly projects: IProjectRef[] | null;
  readonly chosen: string | null;
  /** Why the projects aren't known. */
  readonly problem: Error | null;
  /** Whether the server has no part of ours. */
  readonly missing: boolean;
  /** The form that is to be shown. */
  readonly form: IWanted | null;
  readonly confirmAbort: boolean;
  onChange(listener: () => void): () => void;

  refresh(): void;
  choose(path: string): void;
  /** Ask for a name, and make a project. */
  newProject(): void;
  /** Ask for a folder: its project is opened, or made. */
  openFolder(): void;
  /** Show the project's files. */
  showFiles(): void;
  openArtifacts(): void;
  closeForm(run: string | null): void;
  /** Whether there is a notebook in front, and not one of another project. */
  readonly hasNotebook: boolean;
  /** Make the active cell of the notebook in front a Function, or begin a notebook for one. */
  makeFunction(): void;

  /** What was kept for this workspace. */
  recall(key: string): unknown;
  keep(key: string, value: unknown): void;
}
