/** What every part of the workflow editor works with. */
import { createContext, useContext } from 'react';
import type { IFunction, IProblem, IVerdict, IWorkflowRef } from '../../model/contract';
import type { IWorkflowFile } from '../../model/file';
import { EMPTY, type IWorkflowDoc } from '../../model/workflow/document';
import type { ILiveRun } from '../../model/workflow/live';

export interface IEditor {
  file: IWorkflowFile;
  /** The YAML as it is now. */
  text: string;
  /** What it says; while it can't be read, what it said last (see `broken`). */
  doc: IWorkflowDoc;
  /** Why the text can't be read now, or null. */
  broken: IProblem | null;
  /** The project's Functions by name; empty while they're on their way. */
  functions: ReadonlyMap<string, IFunction>;
  workflows: readonly IWorkflowRef[];
  /** Whether they came. */
  ready: boolean;
  /** Of the text as it is: those found here at once, then those of the server. */
  problems: readonly IProblem[];
  selected: readonly string[];
  /** `reveal` also brings them into view in the graph. */
  select(names: readonly string[], how?: { reveal?: boolean }): void;
  /**
   * Change the text by a pure function of `model/workflow/edits.ts` (or any other). One step of undo, named by `label`;
   * edits that follow each other with the same `merge` make one. An `Error` that `change` throws is shown, nothing changes.
   * Does nothing while `readonly`. Returns whether the text changed.
   */
  edit(label: string, change: (text: string) => string, merge?: string): boolean;
  readonly: boolean;
  /** The workflow's latest run; null when there is none. */
  live: ILiveRun | null;
  /** What `explain` says of each step, when it isn't running; empty until it answered. */
  verdicts: ReadonlyMap<string, IVerdict>;
  undo(): void;
  redo(): void;
  /** What undo would take back, or null. */
  undoes: string | null;
  redoes: string | null;
}

/** Whether the text couldn't be read since the editor was opened: then nothing is known of the workflow. */
export const isUnread = ({ broken, doc }: Pick<IEditor, 'broken' | 'doc'>): boolean => broken !== null && doc === EMPTY;

const Editor = createContext<IEditor | null>(null);

export const ProvideEditor = Editor.Provider;

export function useEditor(): IEditor {
  const found = useContext(Editor);
  if (!found) {
    throw new Error('A part of the workflow editor is shown outside of it.');
  }
  return found;
}
