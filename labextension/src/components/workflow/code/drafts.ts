/** Python that isn't a workflow yet: it outlives its view, so that looking at the graph loses nothing. */
import type { IProblem } from '../../../model/contract';
import type { IWorkflowFile } from '../../../model/file';
import type { IHost } from '../../../model/host';

export interface IPythonDraft {
  python: string;
  /** The YAML of the time when it was begun. */
  base: string;
  /** Why it can't be converted; empty while that isn't known. */
  problems: readonly IProblem[];
  /** Try to convert it now; answers whether that worked. */
  settle(): Promise<boolean>;
}

const drafts = new WeakMap<IWorkflowFile, IPythonDraft>();

export const draftOf = (file: IWorkflowFile): IPythonDraft | null => drafts.get(file) ?? null;

export function keepDraft(file: IWorkflowFile, draft: IPythonDraft | null): void {
  if (draft === null) {
    drafts.delete(file);
  } else {
    drafts.set(file, draft);
  }
  file.hold?.(draft !== null);
}

/** Whether the code may be left: what can be converted is, and of the rest one is asked. */
export async function mayLeaveCode(file: IWorkflowFile, host: IHost): Promise<boolean> {
  const draft = draftOf(file);
  if (draft === null || (await draft.settle())) {
    return true;
  }
  return host.confirm({
    title: host.t('Leave unfinished Python?'),
    body: host.t('It is no workflow yet, so it will not be saved or run. It stays here until this tab is closed.'),
    accept: host.t('Leave')
  });
}
