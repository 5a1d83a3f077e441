/** New projects and workflows; opening a folder as a project. */
import { FileDialog, type IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { PathExt } from '@jupyterlab/coreutils';
import type { IProjectRef } from '../model/contract';
import { asName, nameProblem } from '../model/forms/names';
import { Commands } from './commands';
import type { LabHost } from './host';
import { mlopsIcon } from './icon';
import type { Workplace } from './workplace';

export function addBeginning(place: Workplace, documents: IDocumentManager, browser: IDefaultFileBrowser | null): void {
  const { commands } = place.app;
  const { t } = place;
  const host = place.host('sidebar', null);
  const told = (act: () => Promise<unknown>) => () =>
    act().catch((error: Error) => host.notify(error.message, 'error')) as Promise<void>;
  commands.addCommand(Commands.newProject, {
    label: t('New project…'),
    execute: told(() => newProject(place, host, browser?.model.path ?? ''))
  });
  commands.addCommand(Commands.openFolder, {
    label: t('Open a folder as project…'),
    execute: told(() => openFolder(place, host, documents))
  });
  commands.addCommand(Commands.newWorkflow, {
    label: args => (args.isLauncher ? t('Workflow') : t('New workflow…')),
    caption: t('Draw a workflow of Functions'),
    icon: mlopsIcon,
    execute: told(() => newWorkflow(place, host))
  });
}

async function newProject(place: Workplace, host: LabHost, folder: string): Promise<void> {
  const { t } = place;
  const name = await host.ask({
    title: t('New project'),
    label: folder ? t('Name; its folder is made in %1', folder) : t('Name; its folder is made beside your files'),
    value: 'my-project',
    accept: t('Create'),
    check: text =>
      /^[a-z][a-z0-9_-]{0,62}$/.test(text) ? null : t('Begin with a lower-case letter; then letters, digits, _ and -.')
  });
  if (name !== null) {
    await place.projects.create(PathExt.join(folder, name), name);
  }
}

async function openFolder(place: Workplace, host: LabHost, manager: IDocumentManager): Promise<void> {
  const { t } = place;
  const picked = await FileDialog.getExistingDirectory({
    manager,
    title: t('Open a folder'),
    label: t('A project’s folder, or one to make a project of.')
  });
  const folder = picked.button.accept ? picked.value?.[0]?.path : undefined;
  if (folder !== undefined) {
    await enter(place, host, folder);
  }
}

/** Choose the project of a folder; where there is none, offer to make it. Null when that was declined. */
export async function enter(place: Workplace, host: LabHost, folder: string): Promise<IProjectRef | null> {
  const { projects, t } = place;
  const known = projects.find(folder) ?? (await projects.visit(folder));
  if (known) {
    projects.choose(known.path);
    return known;
  }
  const shown = folder || t('the top folder');
  const accepted = await host.confirm({
    title: t('Make a project of %1?', shown),
    body: t(
      'There is no project in it yet. It gets a project.yaml, and folders for Functions, workflows, runs and artifacts; your files stay as they are.'
    ),
    accept: t('Make a project')
  });
  return accepted ? projects.create(folder, folder ? asName(PathExt.basename(folder)) || undefined : undefined) : null;
}

async function newWorkflow(place: Workplace, host: LabHost): Promise<void> {
  const { projects, t, app } = place;
  await projects.refresh();
  const project = projects.chosen;
  if (project === null) {
    await app.commands.execute(Commands.show);
    return;
  }
  const name = await host.ask({
    title: t('New workflow'),
    label: t('Name'),
    value: 'my_workflow',
    accept: t('Create'),
    check: text => nameProblem(text, t)
  });
  if (name !== null) {
    await projects.backend(project).call('workflows.save', { name, yaml: `name: ${name}\nsteps: {}\n`, etag: null });
    await app.commands.execute(Commands.openWorkflow, { name, project });
  }
}
