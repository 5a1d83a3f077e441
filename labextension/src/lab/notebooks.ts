/** A notebook's cell becomes a Function: commands for its toolbars. The work is fetched when it's first done. */
import { PathExt } from '@jupyterlab/coreutils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { Commands } from './commands';
import { functionIcon } from './icon';
import type { Workplace } from './workplace';

const FIRST_CELL = [
  '#| mlfunction first_function --returns answer',
  'times: int = 6  # leading assignments are the parameters; a comment is their help',
  '',
  'answer = 7 * times'
].join('\n');

export function addNotebooks(place: Workplace, tracker: INotebookTracker): void {
  const { app, t } = place;
  const { commands } = app;
  const isCode = () => tracker.activeCell?.model.type === 'code' && tracker.currentWidget !== null;
  commands.addCommand(Commands.makeFunction, {
    label: t('Make this cell a Function…'),
    caption: t('Make this cell a Function, to run it on its own'),
    icon: functionIcon,
    isEnabled: isCode,
    execute: async () => {
      const panel = tracker.currentWidget;
      const cell = tracker.activeCell;
      if (panel && cell) {
        const making = await import('./making').catch(() => null);
        if (making === null) {
          place.host('main', null).notify(t('The server can’t be reached.'), 'error');
        }
        await making?.makeFunction(place, panel, cell);
      }
    }
  });
  tracker.activeCellChanged.connect(() => commands.notifyCommandChanged(Commands.makeFunction));
  tracker.currentChanged.connect(() => place.ring());

  commands.addCommand(Commands.newFunction, {
    label: t('New Function…'),
    caption: t('Begin a notebook with a cell that is a Function'),
    execute: async () => {
      const folder = place.projects.chosen ?? '';
      const path = await freeName(place, folder);
      await app.serviceManager.contents.save(path, { type: 'notebook', format: 'json', content: firstNotebook(place) });
      await commands.execute('docmanager:open', { path, factory: 'Notebook' });
    }
  });
}

/** With its kernel named, so that Lab doesn't ask for one. */
function firstNotebook(place: Workplace): unknown {
  const { specs } = place.app.serviceManager.kernelspecs;
  const spec = specs?.kernelspecs[specs.default];
  return {
    cells: [{ cell_type: 'code', id: 'first', metadata: {}, source: FIRST_CELL, outputs: [], execution_count: null }],
    metadata: spec ? { kernelspec: { name: spec.name, display_name: spec.display_name, language: spec.language } } : {},
    nbformat: 4,
    nbformat_minor: 5
  };
}

async function freeName(place: Workplace, folder: string): Promise<string> {
  const there = await place.app.serviceManager.contents.get(folder, { content: true });
  const names = new Set((there.content as { name: string }[]).map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? 'functions.ipynb' : `functions_${number}.ipynb`;
    if (!names.has(name)) {
      return PathExt.join(folder, name);
    }
  }
}
