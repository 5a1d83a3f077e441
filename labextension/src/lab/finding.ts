/** Where our commands are found: the palette and the launcher. */
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { ILauncher } from '@jupyterlab/launcher';
import { Commands } from './commands';
import type { Workplace } from './workplace';

const IN_PALETTE = [
  Commands.show,
  Commands.openRuns,
  Commands.openArtifacts,
  Commands.newWorkflow,
  Commands.newFunction,
  Commands.makeFunction,
  Commands.newProject,
  Commands.openFolder
];

export function addFinding(place: Workplace, palette: ICommandPalette | null, launcher: ILauncher | null): void {
  const { t } = place;
  const category = t('MLOps');
  IN_PALETTE.forEach(command => palette?.addItem({ command, category }));
  launcher?.add({ command: Commands.newWorkflow, args: { isLauncher: true }, category, rank: 1 });
  launcher?.add({ command: Commands.openRuns, args: { isLauncher: true }, category, rank: 2 });
}
