/** The screens there are, and what each needs to know. */
import type { IWorkflowFile } from './file';
import type { IGiven } from './host';
import type { ISidebarPlace } from './sidebar';

export type Screen =
  | { view: 'sidebar'; place: ISidebarPlace }
  | { view: 'runs'; query?: string }
  | { view: 'run'; run: string }
  | { view: 'compare'; runs: string[] }
  | { view: 'workflow'; name: string; file: IWorkflowFile }
  | { view: 'artifacts' }
  | { view: 'artifact'; uid: string }
  | { view: 'form'; target: string; given?: IGiven; onDone?(run: string | null): void };
