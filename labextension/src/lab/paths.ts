/** What a path in the file browser says, and what tells a tab from another. */
import type { Screen } from '../model/screens';

const PLACE = /^(?:(.*)\/)?workflows\/([a-z][a-z0-9_]*)\.ya?ml$/;

/** Whether a file is a workflow by where it lies, in which folder of a project, and the workflow's name. */
export function asWorkflow(path: string): { project: string; name: string } | null {
  const local = path.slice(path.indexOf(':') + 1); // a drive's name may come first
  const match = PLACE.exec(local);
  return match && !/(^|\/)\./.test(local) ? { project: match[1] ?? '', name: match[2] } : null;
}

export type TabScreen = Extract<Screen, { view: 'runs' | 'run' | 'compare' | 'artifacts' | 'artifact' }>;

/** What tells a tab from another. The query of a table isn't part of it: a table is asked another question. */
export function tabId(screen: TabScreen, project: string): string {
  const what = {
    runs: () => '',
    artifacts: () => '',
    run: () => (screen as { run: string }).run,
    artifact: () => (screen as { uid: string }).uid,
    compare: () => [...(screen as { runs: string[] }).runs].sort().join('+')
  };
  return `jupyter-mlops:${screen.view}:${project}:${what[screen.view]()}`;
}
