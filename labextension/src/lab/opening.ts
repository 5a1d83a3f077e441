/** The commands that open tabs. Each takes `project`, by default the chosen one. */
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { IGiven } from '../model/host';
import { Commands, FACTORY } from './commands';
import { runsIcon } from './icon';
import type { Tabs } from './tabs';
import type { Workplace } from './workplace';

type Given = ReadonlyPartialJSONObject;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export interface IOpener {
  tabs: Tabs;
  openForm(target: string, given: IGiven | undefined, project: string): void;
  showSidebar(): void;
}

export function addOpening(place: Workplace, opener: IOpener): void {
  const { t, projects } = place;
  const { commands } = place.app;
  const inProject = (open: (args: Given, project: string) => unknown) => async (args: Given) => {
    if (projects.chosen === null && text(args.project) === undefined) {
      await projects.refresh();
    }
    const project = text(args.project) ?? projects.chosen;
    try {
      await (project === null ? opener.showSidebar() : open(args, project));
    } catch (error) {
      place.host('main', project).notify((error as Error).message, 'error');
    }
  };
  const { tabs } = opener;

  commands.addCommand(Commands.show, { label: t('Show the MLOps sidebar'), execute: () => opener.showSidebar() });
  commands.addCommand(Commands.openRuns, {
    label: args => (args.isLauncher ? t('Runs') : t('Open the table of runs')),
    caption: t('See, filter and compare the runs of a project'),
    icon: runsIcon,
    execute: inProject((args, project) => {
      tabs.open(Commands.openRuns, { view: 'runs', query: text(args.query) }, project);
    })
  });
  commands.addCommand(Commands.openArtifacts, {
    label: t('Open the list of artifacts'),
    execute: inProject((_, project) => tabs.open(Commands.openArtifacts, { view: 'artifacts' }, project))
  });
  commands.addCommand(Commands.openRun, {
    label: t('Open a run'),
    isVisible: args => 'run' in args,
    execute: inProject((args, project) => tabs.open(Commands.openRun, { view: 'run', run: String(args.run) }, project))
  });
  commands.addCommand(Commands.compare, {
    label: t('Compare runs'),
    isVisible: args => 'runs' in args,
    execute: inProject((args, project) => {
      tabs.open(Commands.compare, { view: 'compare', runs: (args.runs as string[]).map(String) }, project);
    })
  });
  commands.addCommand(Commands.openArtifact, {
    label: t('Open an artifact'),
    isVisible: args => 'uid' in args,
    execute: inProject((args, project) => {
      tabs.open(Commands.openArtifact, { view: 'artifact', uid: String(args.uid) }, project);
    })
  });
  commands.addCommand(Commands.openWorkflow, {
    label: t('Open a workflow'),
    isVisible: args => 'name' in args,
    execute: inProject((args, project) => openWorkflow(place, String(args.name), project))
  });
  commands.addCommand(Commands.openForm, {
    label: t('Run a Function or workflow'),
    isVisible: args => 'target' in args,
    execute: inProject((args, project) => {
      opener.openForm(String(args.target), (args.given as unknown as IGiven | null) ?? undefined, project);
    })
  });
  commands.addCommand(Commands.reopen, {
    label: t('Reopen a tab'),
    isVisible: () => false,
    execute: args => commands.execute(String(args.command), args.args as Given)
  });
}

async function openWorkflow(place: Workplace, name: string, project: string): Promise<void> {
  const { contents } = await place.projects.backend(project).call('project.get', {});
  const folder = contents ?? project;
  const path = `${folder ? `${folder}/` : ''}workflows/${name}.yaml`;
  await place.app.commands.execute('docmanager:open', { path, factory: FACTORY });
}
