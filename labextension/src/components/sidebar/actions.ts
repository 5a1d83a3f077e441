/** What can be done with a row: in its menu, and the first things as buttons on the row. */
import {
  Ban,
  Copy,
  Download,
  GitCompareArrows,
  Notebook,
  PanelTop,
  Play,
  Plus,
  RotateCcw,
  SlidersHorizontal,
  StepForward,
  Table2,
  Trash2,
  type LucideIcon
} from 'lucide-react';
import type { IArtifactRow, IFunction, IRunDetail, IRunRow, IWorkflowRef } from '../../model/contract';
import { isFinished } from '../../model/format';
import type { IHost } from '../../model/host';
import type { Item, Section } from '../../model/tree/nodes';
import { runGiven } from '../../model/forms/given';
import { lossOf } from '../runs/removal';
import { copy } from './copy';
import { newFunction, newWorkflow } from './beginning';
import { ask, remove, removeArtifact, removeFunction } from './removal';
import type { IWorkbench } from './workbench';

export interface IAction {
  label: string;
  icon: LucideIcon;
  /** Shown on the row itself. */
  quick?: boolean;
  /** After a line. */
  apart?: boolean;
  run(): void;
}

export function actionsOf(item: Item, bench: IWorkbench): IAction[] {
  switch (item.type) {
    case 'section':
      return ofSection(item.section, bench);
    case 'workflow':
      return ofWorkflow(item.workflow, bench);
    case 'function':
      return ofFunction(item.function, bench);
    case 'run':
      return ofRun(item.run, bench);
    case 'artifact':
      return ofArtifact(item.group.latest, bench);
    case 'version':
      return ofArtifact(item.artifact, bench);
    default:
      return [];
  }
}

function ofSection(section: Section, bench: IWorkbench): IAction[] {
  const { host, place } = bench;
  const { t } = host;
  switch (section) {
    case 'workflows':
      return [{ label: t('New workflow…'), icon: Plus, quick: true, run: () => void newWorkflow(bench) }];
    case 'functions':
      return [{ label: t('New Function…'), icon: Plus, quick: true, run: () => newFunction(bench) }];
    case 'runs':
      return [{ label: t('Open the table of runs'), icon: Table2, quick: true, run: () => host.openRuns() }];
    case 'artifacts':
      return [{ label: t('Open the list of artifacts'), icon: Table2, quick: true, run: () => place.openArtifacts() }];
  }
}

function ofWorkflow(workflow: IWorkflowRef, bench: IWorkbench): IAction[] {
  const { host } = bench;
  const { t } = host;
  const { name, latest } = workflow;
  return [
    { label: t('Run…'), icon: Play, quick: true, run: () => host.openForm(name) },
    { label: t('Open'), icon: PanelTop, run: () => host.openWorkflow(name) },
    ...(latest ? [{ label: t('Open its latest run'), icon: PanelTop, run: () => host.openRun(latest.run) }] : []),
    { label: t('Show its runs'), icon: Table2, run: () => host.openRuns(`workflow = '${name}' AND parent IS NULL`) },
    {
      label: t('Delete…'),
      icon: Trash2,
      apart: true,
      run: () => void remove(bench, t('Delete the workflow %1?', name), t('Its runs stay.'), 'workflows.delete', { name })
    }
  ];
}

function ofFunction({ name, runs, problem }: IFunction, bench: IWorkbench): IAction[] {
  const { backend, host } = bench;
  const { t } = host;
  const openNotebook = async () => {
    try {
      const { contents } = await backend.call('functions.get', { name });
      if (contents !== null && host.openFile) {
        host.openFile(contents);
      } else {
        host.notify(t('The notebook of %1 isn’t where the file browser can open it.', name));
      }
    } catch (error) {
      host.notify((error as Error).message, 'error');
    }
  };
  return [
    ...(problem ? [] : [{ label: t('Run…'), icon: Play, quick: true, run: () => host.openForm(name) }]),
    { label: t('Open its notebook'), icon: Notebook, run: () => void openNotebook() },
    ...(runs > 0 ? [{ label: t('Show its runs'), icon: Table2, run: () => host.openRuns(`function = '${name}'`) }] : []),
    {
      label: t('Delete…'),
      icon: Trash2,
      apart: true,
      run: () => void removeFunction(name, bench)
    }
  ];
}

function ofRun(run: IRunRow, bench: IWorkbench): IAction[] {
  const { host, backend } = bench;
  const { t } = host;
  const { id } = run;
  const ended = isFinished(run.state);
  const withDetail = (then: (detail: IRunDetail) => void) => () =>
    void backend.call('runs.get', { run: id }).then(then, (error: Error) => host.notify(error.message, 'error'));
  const target = run.function ?? run.workflow;
  const again: IAction[] =
    ended && target !== null
      ? [
          { label: t('Re-run'), icon: RotateCcw, quick: true, run: () => void ask(bench, 'runs.rerun', { run: id }) },
          {
            label: t('Re-run with changes…'),
            icon: SlidersHorizontal,
            run: withDetail(found => host.openForm(target, runGiven(found)))
          }
        ]
      : [];
  const isBroken = run.workflow !== null && run.parent === null && (run.state === 'error' || run.state === 'aborted');
  return [
    ...(ended ? [] : [{ label: t('Abort'), icon: Ban, quick: true, run: () => void abort(run, bench) }]),
    { label: t('Open'), icon: PanelTop, run: () => host.openRun(id) },
    ...again,
    ...(isBroken ? [{ label: t('Resume'), icon: StepForward, run: () => void ask(bench, 'runs.resume', { run: id }) }] : []),
    ...(run.children > 1
      ? [{ label: t('Show its runs as a table'), icon: Table2, run: () => host.openRuns(`parent = '${id}'`) }]
      : []),
    ...(host.openFile && run.function !== null
      ? [{ label: t('Open its notebook'), icon: Notebook, run: withDetail(found => openExecuted(found.notebook, host)) }]
      : []),
    { label: t('Copy its id'), icon: Copy, run: () => void copy(id, host) },
    ...(ended
      ? [
          {
            label: t('Delete…'),
            icon: Trash2,
            apart: true,
            run: () =>
              void lossOf([run], bench.backend, t).then(loss =>
                remove(bench, t('Delete the run %1?', run.name), loss, 'runs.delete', { run: id })
              )
          }
        ]
      : [])
  ];
}

function openExecuted(notebook: string | null, host: IHost): void {
  if (notebook === null) {
    host.notify(host.t('This run has no notebook that can be opened here.'));
  } else {
    host.openFile?.(notebook, { readonly: true });
  }
}

async function abort(run: IRunRow, bench: IWorkbench): Promise<void> {
  const { host, place } = bench;
  const { t } = host;
  const question = {
    title: t('Abort %1?', run.name),
    body: t('What it has kept so far stays.'),
    accept: t('Abort'),
    danger: true
  };
  if (!place.confirmAbort || (await host.confirm(question))) {
    await ask(bench, 'runs.abort', { run: run.id });
  }
}

function ofArtifact(artifact: IArtifactRow, bench: IWorkbench): IAction[] {
  const { backend, host } = bench;
  const { t } = host;
  const { uid, key, uri } = artifact;
  const url = backend.download(uid);
  const maker = artifact.run;
  return [
    { label: t('Open'), icon: PanelTop, run: () => host.openArtifact(uid) },
    ...(maker ? [{ label: t('Open the run that made it'), icon: GitCompareArrows, run: () => host.openRun(maker) }] : []),
    { label: t('Copy its address'), icon: Copy, quick: true, run: () => void copy(uri, host) },
    ...(url ? [{ label: t('Download'), icon: Download, run: () => void window.open(url, '_blank', 'noopener') }] : []),
    {
      label: t('Delete this version…'),
      icon: Trash2,
      apart: true,
      run: () => void removeArtifact(uid, key, bench)
    }
  ];
}
