/** Notebooks of the file browser: run as Functions, added to workflows, dropped on a canvas. */
import { InputDialog } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { Drag } from '@lumino/dragdrop';
import type { Widget } from '@lumino/widgets';
import { asName, nameProblem } from '../model/forms/names';
import { CANVAS, dropEvent } from '../model/workflow/drops';
import { enter } from './beginning';
import { Commands } from './commands';
import { functionIcon, mlopsIcon } from './icon';
import type { Workplace } from './workplace';

const PATHS = 'application/x-jupyter-icontents';

export function addFiles(place: Workplace, browsers: IFileBrowserFactory): void {
  const { app, t } = place;
  const { commands } = app;
  const selected = (): string | null => {
    const items = [...(browsers.tracker.currentWidget?.selectedItems() ?? [])];
    return items.length === 1 && items[0].type === 'notebook' ? items[0].path : null;
  };
  const about = (act: (notebook: string, project: string) => Promise<void>) => async () => {
    const notebook = selected();
    const host = place.host('main', null);
    try {
      if (notebook !== null) {
        const project = place.projects.holding(notebook) ?? (await enter(place, host, PathExt.dirname(notebook)));
        await (project && act(notebook, project.path));
      }
    } catch (error) {
      host.notify((error as Error).message, 'error');
    }
  };
  commands.addCommand(Commands.runNotebook, {
    label: t('Run as Function…'),
    icon: functionIcon,
    isVisible: () => selected() !== null,
    execute: about((notebook, project) => runNotebook(place, notebook, project))
  });
  commands.addCommand(Commands.addToWorkflow, {
    label: t('Add to workflow…'),
    icon: mlopsIcon,
    isVisible: () => selected() !== null,
    execute: about((notebook, project) => addToWorkflow(place, notebook, project))
  });
}

async function runNotebook(place: Workplace, notebook: string, project: string): Promise<void> {
  const { t, projects, app } = place;
  const backend = projects.backend(project);
  const inFunctions = new RegExp(`^${project ? `${project}/` : ''}functions/([a-z][a-z0-9_]*)\\.ipynb$`).exec(notebook);
  const name =
    inFunctions?.[1] ?? // a Function's own notebook
    (await place.host('main', project).ask({
      title: t('Run %1 as a Function', PathExt.basename(notebook)),
      label: t('Name of the Function'),
      value: asName(PathExt.basename(notebook, '.ipynb')) || 'my_function',
      accept: t('Continue'),
      check: text => nameProblem(text, t)
    }));
  if (name === null) {
    return;
  }
  if (!inFunctions) {
    const { warnings } = await backend.call('functions.define', { name, notebook });
    warnings.forEach(warning => place.host('main', project).notify(warning));
  }
  await app.commands.execute(Commands.openForm, { target: name, project });
}

/** Open a workflow, and do as if the notebook was dropped there. */
async function addToWorkflow(place: Workplace, notebook: string, project: string): Promise<void> {
  const { t, projects, app } = place;
  const { workflows } = await projects.backend(project).call('workflows.list', {});
  if (workflows.length === 0) {
    projects.choose(project);
    await app.commands.execute(Commands.newWorkflow);
  }
  const names = workflows.map(({ name }) => name);
  const choice =
    names.length > 1 ? await InputDialog.getItem({ title: t('Add to which workflow?'), items: names, okLabel: t('Add') }) : null;
  const name = choice ? (choice.button.accept ? choice.value : null) : names[0];
  if (choice && !name) {
    return;
  }
  if (name) {
    await app.commands.execute(Commands.openWorkflow, { name, project });
  }
  const canvas = await shown(() => app.shell.currentWidget?.node.querySelector<HTMLElement>(CANVAS) ?? null);
  if (canvas) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    canvas.dispatchEvent(dropEvent({ what: { notebook }, x: left + width / 2, y: top + height / 2 }));
  }
}

/** Wait for an element that is on its way. */
async function shown(find: () => HTMLElement | null): Promise<HTMLElement | null> {
  for (let turn = 0; turn < 100; turn += 1) {
    const found = find();
    if (found) {
      return found;
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return null;
}

/** Lab's own drags end on a canvas as ours do. They are events of Lumino: a widget hears of them only when it listens. */
export function takeNotebooks(widget: Widget): void {
  const pathOf = (event: Event): string | null => {
    const { mimeData } = event as Drag.Event;
    const paths: unknown = mimeData.hasData(PATHS) ? mimeData.getData(PATHS) : null;
    const path: unknown = Array.isArray(paths) ? paths[0] : null;
    return typeof path === 'string' && path.endsWith('.ipynb') ? path : null;
  };
  const accept = (event: Drag.Event): void => {
    event.dropAction = event.proposedAction; // it says 'move', and would refuse any other; nothing is moved by us
  };
  const over = (event: Event): void => {
    if (pathOf(event) !== null && (event.target as Element).closest(CANVAS)) {
      event.preventDefault();
      event.stopPropagation();
      accept(event as Drag.Event);
    }
  };
  const drop = (event: Event): void => {
    const path = pathOf(event);
    const canvas = (event.target as Element).closest(CANVAS);
    if (path !== null && canvas) {
      event.preventDefault();
      event.stopPropagation();
      const { clientX, clientY } = event as Drag.Event;
      accept(event as Drag.Event);
      canvas.dispatchEvent(dropEvent({ what: { notebook: path }, x: clientX, y: clientY }));
    }
  };
  widget.node.addEventListener('lm-dragenter', over, true);
  widget.node.addEventListener('lm-dragover', over, true);
  widget.node.addEventListener('lm-drop', drop, true);
}
