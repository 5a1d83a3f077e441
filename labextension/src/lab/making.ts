/** Make a Function of a cell: ask for its name and what it keeps, write the line above it, define it, open its form. */
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { type Cell, isCodeCellModel } from '@jupyterlab/cells';
import { PathExt } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';
import { readCell, suggestName, suggestReturns, withDirective } from '../model/forms/cell';
import { asName, nameProblem } from '../model/forms/names';
import { enter } from './beginning';
import { Commands } from './commands';
import type { Workplace } from './workplace';

interface IWish {
  name: string;
  returns: string[];
}

export async function makeFunction(place: Workplace, panel: NotebookPanel, cell: Cell): Promise<void> {
  const { t } = place;
  const source = cell.model.sharedModel.getSource();
  const host = place.host('main', null);
  if (source.trim() === '') {
    host.notify(t('This cell is empty: write some code first.'));
    return;
  }
  try {
    const project = await projectFor(place, panel.context.path);
    if (project === null) {
      return;
    }
    const backend = place.projects.backend(project);
    const { functions } = await backend.call('functions.list', {});
    const { directive, code } = readCell(source);
    const [others, later] = otherCells(panel, cell);
    const suggested: IWish = {
      name:
        directive?.name ||
        suggestName(
          code,
          PathExt.basename(panel.context.path, '.ipynb'),
          functions.map(({ name }) => name)
        ),
      returns: directive ? directive.returns : suggestReturns(code, later)
    };
    const wish = await ask(place, suggested, new Set(functions.map(({ name }) => name)));
    if (wish === null) {
      return;
    }
    const defined = await backend.call('functions.define', {
      name: wish.name,
      code,
      cells: others,
      inputs: directive?.inputs ?? [],
      returns: wish.returns,
      ...(directive?.description ? { description: directive.description } : {})
    });
    cell.model.sharedModel.setSource(withDirective(source, wish.name, wish.returns));
    tell(place, wish.name, defined.change, defined.warnings, directive?.others ?? []);
    await place.app.commands.execute(Commands.openForm, { target: wish.name, project });
  } catch (error) {
    host.notify((error as Error).message, 'error');
  }
}

/** The project that the notebook lies in; where there is none, one is offered. */
async function projectFor(place: Workplace, notebook: string): Promise<string | null> {
  const { projects } = place;
  if (projects.list === null) {
    await projects.refresh();
  }
  const holding = projects.holding(notebook);
  const project = holding ?? (await enter(place, place.host('main', null), PathExt.dirname(notebook)));
  return project?.path ?? null;
}

/** The sources of the notebook's other cells, and of those below. */
function otherCells(panel: NotebookPanel, cell: Cell): [string[], string[]] {
  const cells = [...(panel.content.model?.cells ?? [])].filter(isCodeCellModel);
  const at = cells.findIndex(model => model.id === cell.model.id);
  const sources = cells.map(model => readCell(model.sharedModel.getSource()).code);
  return [sources.filter((_, index) => index !== at), sources.slice(at + 1)];
}

function tell(place: Workplace, name: string, change: string, warnings: string[], others: string[]): void {
  const { t } = place;
  const more = others.length > 0 ? [t('Run the cell to apply %1.', others.join(', '))] : [];
  const notes = [...warnings, ...more];
  if (notes.length > 0) {
    Notification.warning(`${name}: ${notes.join(' ')}`, { autoClose: false });
  } else {
    const said =
      change === 'new' ? t('%1 is a Function now', name) : change ? t('%1 has a new version', name) : t('%1 is unchanged', name);
    Notification.success(said, { autoClose: 3000 });
  }
}

// --- the question ---

async function ask(place: Workplace, suggested: IWish, taken: ReadonlySet<string>): Promise<IWish | null> {
  const { t } = place;
  const body = new Question(place, suggested, taken);
  const answer = await showDialog<IWish>({
    title: t('Make a Function of this cell'),
    body,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: t('Make it') })],
    focusNodeSelector: 'input'
  });
  if (!answer.button.accept || !answer.value) {
    return null;
  }
  const problem = nameProblem(answer.value.name, t);
  return problem ? ask(place, { ...answer.value, name: asName(answer.value.name) }, taken) : answer.value;
}

class Question extends Widget implements Dialog.IBodyWidget<IWish> {
  constructor(
    private readonly place: Workplace,
    suggested: IWish,
    private readonly taken: ReadonlySet<string>
  ) {
    super();
    this.addClass('jmo-question');
    const { t } = place;
    this.name = this.field(t('Name'), suggested.name);
    this.returns = this.field(t('Keeps, separated by spaces'), suggested.returns.join(' '));
    this.node.append(this.note);
    this.name.addEventListener('input', () => this.check());
    this.check();
  }

  getValue(): IWish {
    return { name: this.name.value.trim(), returns: this.returns.value.split(/[\s,]+/).filter(Boolean) };
  }

  private check(): void {
    const { t } = this.place;
    const name = this.name.value.trim();
    this.note.textContent =
      nameProblem(name, t) ??
      (this.taken.has(name)
        ? t('There is a Function %1: it gets a new version.', name)
        : t('Variables that it keeps: numbers and texts as results, the rest as artifacts.'));
  }

  private field(label: string, value: string): HTMLInputElement {
    const box = document.createElement('label');
    const input = document.createElement('input');
    input.className = 'jp-mod-styled';
    input.value = value;
    input.spellcheck = false;
    box.append(label, input);
    this.node.append(box);
    return input;
  }

  private readonly name: HTMLInputElement;
  private readonly returns: HTMLInputElement;
  private readonly note = document.createElement('p');
}
