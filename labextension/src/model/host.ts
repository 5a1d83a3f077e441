import type { IRunOptions } from './contract';

/** What a component may ask of the place it is shown in: Lab opens tabs, a cell navigates inside itself. */
export interface IHost {
  /** Where it is shown: Lab's sidebar, a tab of its own, or a notebook's output. */
  readonly place: 'sidebar' | 'main' | 'cell';
  openRuns(query?: string): void;
  openRun(run: string): void;
  openComparison(runs: string[]): void;
  openWorkflow(name: string): void;
  openArtifact(uid: string): void;
  /** Open the form that runs a Function or workflow, filled with what is given. */
  openForm(target: string, given?: IGiven): void;
  /** Open a file of Lab's file browser; null where there is none. */
  openFile: ((path: string, options?: { readonly?: boolean }) => void) | null;
  /** Hear which runs are chosen in a table: a cell tells Python. */
  onChosen?(runs: string[]): void;
  /** Ask before something that can't be taken back. */
  confirm(question: { title: string; body: string; accept: string; danger?: boolean }): Promise<boolean>;
  /** Ask for a line of text; null when it was cancelled. `check` says what is wrong with it. */
  ask(question: {
    title: string;
    label: string;
    value?: string;
    accept: string;
    check?(text: string): string | null;
  }): Promise<string | null>;
  notify(message: string, kind?: 'info' | 'success' | 'error'): void;
  /** Show rich data (plotly, vega, …) in an element with Lab's own renderers; null where there are none. */
  render: ((mime: string, data: unknown, node: HTMLElement) => () => void) | null;
  /** Translate; `%1` stands for the first argument. */
  t(text: string, ...args: (string | number)[]): string;
}

export interface IGiven {
  params?: Record<string, unknown>;
  inputs?: Record<string, string>;
  /** The run that is run again. */
  rerun?: string;
  /** What the options begin with. */
  options?: IRunOptions;
}
