import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Bell } from '../../model/bell';
import type { IRunDetail, IStepLine } from '../../model/contract';
import type { IWorkflowFile } from '../../model/file';
import { dropEvent } from '../../model/workflow/drops';
import { MemoryBackend, memoryHost } from '../../testing/backend';
import { aFunction, aRun, aStep } from '../../testing/editor';
import { Provide } from '../surroundings';
import { WorkflowScreen } from './WorkflowScreen';

const TEXT = `name: nightly
steps:
  raw:
    function: ingest   # the source
  model:
    function: train
    inputs: {data: "\${raw.data}"}
`;

class MemoryFile implements IWorkflowFile {
  readonly name = 'nightly';
  readonly = false;
  saved: string;
  constructor(public text = TEXT) {
    this.saved = text;
  }
  get dirty() {
    return this.text !== this.saved;
  }
  edit(text: string) {
    this.text = text;
    this.changes.ring();
  }
  async save() {
    this.saved = this.text;
    this.changes.ring();
  }
  onChange(listener: () => void) {
    return this.changes.on(listener);
  }
  private readonly changes = new Bell<void>();
}

const functions = [
  aFunction('ingest', { returns: [{ key: 'data', kind: 'dataset' }] }),
  aFunction('train', {
    inputs: [{ name: 'data', hint: 'DataFrame', default: null, required: true }],
    parameters: [{ name: 'depth', default: '3', value: 3, hint: 'int', help: '', choices: null, control: 'int' }],
    returns: [{ key: 'model', kind: 'model' }]
  }),
  aFunction('evaluate', { inputs: [{ name: 'model', hint: null, default: null, required: true }] })
];

function detailOf(steps: IStepLine[], more: Partial<IRunDetail> = {}): IRunDetail {
  return { ...aRun('run-1'), steps, resumable: false, ...more } as IRunDetail;
}

function open(
  file = new MemoryFile(),
  {
    answers = {},
    place = 'main' as 'main' | 'cell',
    run = null as IRunDetail | null,
    container = undefined as HTMLElement | undefined
  } = {}
) {
  const backend = new MemoryBackend({
    'functions.list': { functions },
    'workflows.list': { workflows: [] },
    'workflows.check': ({ name, yaml }) => ({ name, yaml: yaml ?? '', python: null, problems: [], etag: null }),
    'workflows.explain': { steps: [{ step: 'raw', verdict: 'will run', why: 'its code changed', run: null }] },
    'runs.list': {
      total: run ? 1 : 0,
      rows: run ? [run] : [],
      columns: { params: [], results: [], tags: [], metrics: [] },
      offset: 0
    },
    'runs.start': { run: 'run-2' },
    'runs.abort': { run: 'run-1' },
    'runs.resume': { run: 'run-2' },
    ...(run ? { 'runs.get': run } : {}),
    ...answers
  });
  const host = memoryHost({ place });
  render(
    <Provide backend={backend} host={host}>
      <WorkflowScreen name="nightly" file={file} />
    </Provide>,
    { container }
  );
  return { backend, host, file, user: userEvent.setup() };
}

const canvas = () => document.querySelector<HTMLElement>('.jmo-canvas')!;
const nodes = () => [...document.querySelectorAll<HTMLElement>('.react-flow__node')].map(node => node.dataset.id);
const node = (name: string) => document.querySelector<HTMLElement>(`.react-flow__node[data-id="${name}"] .jmo-node`)!;
const press = (key: string, more = {}) => fireEvent.keyDown(document.activeElement ?? canvas(), { key, ...more });
const shown = async () => {
  await waitFor(() => expect(nodes()).toContain('raw'));
  await waitFor(() =>
    expect(document.querySelector('[data-id="model"] .react-flow__handle[title="data: DataFrame"]')).not.toBeNull()
  );
};
const choose = async (name: string) => {
  fireEvent.click(node(name));
  await waitFor(() => expect(node(name).getAttribute('aria-pressed')).toBe('true'));
  canvas().focus();
};

/** The canvas's size, as happy-dom has none. */
const size = { width: 900, height: 500 };
const sized = (side: 'width' | 'height', node: number) => ({
  configurable: true,
  get(this: HTMLElement) {
    return this.classList.contains('react-flow__node') ? node : size[side];
  }
});
Object.defineProperties(HTMLElement.prototype, {
  offsetWidth: sized('width', 204),
  offsetHeight: sized('height', 78),
  clientWidth: sized('width', 204),
  clientHeight: sized('height', 78)
});

beforeEach(() => {
  localStorage.clear();
  size.width = 900;
});

describe('the graph', () => {
  it('shows steps, what they call, their ports, and what the next run would do', async () => {
    open();
    await shown();
    expect(nodes()).toEqual(['raw', 'model']);
    expect(node('model').getAttribute('aria-label')).toBe('model, train, Not run');
    const ports = [...document.querySelectorAll('[data-id="model"] .react-flow__handle')].map(port => port.getAttribute('title'));
    expect(ports).toEqual(['after', 'data: DataFrame', 'model: model']);
    expect(await screen.findByRole('img', { name: 'Next run: will run. its code changed' })).toBeTruthy();
  });

  it('knows ports that came later than their step, so that connections can begin there', async () => {
    open();
    await shown();
    const port = document.querySelector<HTMLElement>('[data-id="model"] [data-handleid="o:model"]')!;
    await waitFor(() => {
      fireEvent.mouseDown(port, { button: 0, clientX: 10, clientY: 10 });
      fireEvent.mouseMove(document, { clientX: 60, clientY: 60 });
      expect(document.querySelector('.react-flow__connection')).not.toBeNull();
    });
    fireEvent.mouseUp(document, { clientX: 60, clientY: 60 });
  });

  it('draws no words where none could be read, and still every step', async () => {
    size.width = 120;
    open();
    await waitFor(() => expect(nodes()).toEqual(['raw', 'model']));
    await waitFor(() => expect(document.querySelectorAll('.jmo-node-far').length).toBe(2));
    expect(document.querySelector('.react-flow__edge')).toBeNull();
    expect(document.querySelector('.jmo-far-edges path')?.getAttribute('d')).toMatch(/^M/);
    expect(node('model').getAttribute('aria-label')).toContain('model, train');
  });

  it('leaves Backspace in other panels alone, and deletes with it on the canvas', async () => {
    const { file } = open();
    await shown();
    await choose('model');
    const elsewhere = document.body.appendChild(document.createElement('div'));
    fireEvent.keyDown(elsewhere, { key: 'Backspace' });
    fireEvent.keyDown(document.body, { key: 'Delete' });
    elsewhere.remove();
    expect(file.text).toBe(TEXT);
    press('Backspace');
    expect(file.text).not.toContain('model:');
    expect(file.text).toContain('# the source');
    press('z', { ctrlKey: true });
    expect(file.text).toBe(TEXT);
  });

  it('is walked with arrows, copies, pastes, duplicates, selects all', async () => {
    const { file } = open();
    await shown();
    canvas().focus();
    press('ArrowRight');
    await waitFor(() => expect(node('raw').getAttribute('aria-pressed')).toBe('true'));
    press('ArrowRight');
    await waitFor(() => expect(node('model').getAttribute('aria-pressed')).toBe('true'));
    press('d', { ctrlKey: true });
    await waitFor(() => expect(nodes()).toContain('model_2'));
    expect(file.text).toMatch(/model_2:\n {4}function: train\n {4}inputs: \{data: "\$\{raw.data\}"\}/);

    press('a', { ctrlKey: true });
    const clipboard = new DataTransfer();
    fireEvent.copy(canvas(), { clipboardData: clipboard });
    expect(clipboard.getData('text/plain')).toContain('raw:');
    fireEvent.paste(canvas(), { clipboardData: clipboard });
    await waitFor(() => expect(nodes().length).toBe(6));
    fireEvent.cut(canvas(), { clipboardData: clipboard });
    await waitFor(() => expect(nodes().length).toBe(3));
  });

  it('leads Tab from a step through its connections, reads them out, and removes one', async () => {
    const { file } = open(new MemoryFile(`${TEXT}  tell: {function: ingest, after: [model]}\n`));
    await shown();
    await choose('model');
    node('model').focus();
    press('Tab');
    const edge = document.activeElement as SVGElement;
    expect(edge.getAttribute('aria-label')).toBe('raw.data to model.data');
    press('ArrowDown');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('model before tell');
    expect(press('Tab')).toBe(true); // behind the last the browser goes on, from the step
    expect(document.activeElement).toBe(node('model'));
    press('Tab');
    press('Delete');
    expect(file.text).not.toContain('raw.data');
    expect(file.text).toContain('after: [model]');
    expect(document.activeElement).toBe(node('model'));
    press('Tab');
    press('ArrowRight');
    await waitFor(() => expect(node('tell').getAttribute('aria-pressed')).toBe('true'));
  });

  it('moves steps with Alt and arrows, as one step of undo', async () => {
    const { file } = open();
    await shown();
    await choose('raw');
    press('ArrowDown', { altKey: true });
    press('ArrowDown', { altKey: true });
    expect(file.text).toMatch(/layout:\n {2}raw: \[-?\d+, -?\d+\]\n {2}model: /);
    press('z', { ctrlKey: true });
    expect(file.text).toBe(TEXT);
    press('Z', { ctrlKey: true, shiftKey: true });
    expect(file.text).toContain('layout');
  });

  it('takes the focus of a tab that was opened, so that keys mean it', async () => {
    const tab = document.createElement('div');
    tab.className = 'jmo-host';
    tab.tabIndex = -1;
    document.body.append(tab);
    tab.focus();
    open(undefined, { container: tab });
    await shown();
    expect(document.activeElement).toBe(canvas());
    tab.remove();
  });

  it('has arrowheads of its own, as those of another graph may be hidden', async () => {
    open();
    open();
    await waitFor(() => expect(document.querySelectorAll('marker').length).toBeGreaterThan(3));
    const ids = [...document.querySelectorAll('marker, pattern')].map(each => each.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('finds steps, and fades the others', async () => {
    const { user } = open();
    await shown();
    canvas().focus();
    press('f', { ctrlKey: true });
    await user.type(await screen.findByRole('searchbox', { name: 'Find a step' }), 'mod');
    await waitFor(() => expect(node('raw').dataset.found).toBe('no'));
    expect(node('model').dataset.found).toBe('yes');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(node('model').getAttribute('aria-pressed')).toBe('true'));
  });
});

describe('adding and connecting by keyboard', () => {
  it('adds a step from the list and connects it', async () => {
    const { file, user } = open();
    await shown();
    canvas().focus();
    press('Enter');
    await user.type(await screen.findByRole('combobox', { name: 'Add a step' }), 'eval{Enter}');
    await waitFor(() => expect(nodes()).toContain('evaluate'));
    expect(screen.queryByRole('combobox', { name: 'Add a step' })).toBeNull();

    await choose('model');
    press('c');
    await user.type(await screen.findByRole('combobox', { name: 'Connect model.model to' }), 'evaluate.model{Enter}');
    await waitFor(() => expect(file.text).toContain('inputs: {model: "${model.model}"}'));
  });

  it('adds what was typed and entered before the list had come', async () => {
    let come = (): void => undefined;
    const coming = new Promise<void>(resolve => (come = resolve));
    const { user } = open(undefined, { answers: { 'functions.list': () => coming.then(() => ({ functions })) } });
    await waitFor(() => expect(canvas()).not.toBeNull());
    canvas().focus();
    press('a');
    await user.type(await screen.findByRole('combobox', { name: 'Add a step' }), 'eval{Enter}');
    expect(screen.getByText('Loading…')).toBeTruthy();
    await act(async () => come());
    await waitFor(() => expect(nodes()).toContain('evaluate'));
  });

  it('takes what was typed into a field with pauses back as one', async () => {
    const { file, user } = open();
    await shown();
    await choose('model');
    await user.click(screen.getByRole('tab', { name: 'Properties' }));
    const when = screen.getByLabelText('When');
    await user.type(when, 'raw.data');
    await waitFor(() => expect(file.text).toContain('raw.data\n'));
    await user.type(when, ' > 5');
    await waitFor(() => expect(file.text).toContain('raw.data > 5'));
    await user.click(screen.getByRole('button', { name: 'Undo: Set when of model' }));
    expect(file.text).toBe(TEXT);
  });

  it('says why a cycle can’t be', async () => {
    const { user, file } = open();
    await shown();
    await choose('model');
    press('c');
    const list = await screen.findByRole('listbox');
    const option = within(list).getByRole('option', { name: /after: raw/ });
    expect(option.getAttribute('aria-disabled')).toBe('true');
    expect(option.textContent).toContain('cycle: raw → model → raw');
    await user.click(option);
    expect(file.text).toBe(TEXT);
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  it('begins an empty workflow', async () => {
    const { user, file } = open(new MemoryFile('name: nightly\n'));
    await screen.findByText('No steps yet');
    await user.click(screen.getByRole('button', { name: 'Add a step' }));
    await user.click(within(await screen.findByRole('dialog')).getByRole('option', { name: /ingest/ }));
    await waitFor(() => expect(nodes()).toEqual(['ingest']));
    expect(file.text).toMatch(/steps:\n {2}ingest:\n {4}function: ingest\n/);
    expect(screen.queryByText('No steps yet')).toBeNull();
  });
});

describe('drops', () => {
  it('of a Function make a step, of a notebook a Function first', async () => {
    const defined = { function: aFunction('explore'), change: '', warnings: [] };
    const { backend, file } = open(new MemoryFile(), { answers: { 'functions.define': defined } });
    await shown();
    act(() => void canvas().dispatchEvent(dropEvent({ what: { function: 'evaluate' }, x: 10, y: 10 })));
    await waitFor(() => expect(nodes()).toContain('evaluate'));
    act(() => void canvas().dispatchEvent(dropEvent({ what: { notebook: 'work/Explore it.ipynb' }, x: 10, y: 10 })));
    await waitFor(() => expect(nodes()).toContain('explore_it'));
    expect(backend.of('functions.define')).toEqual([{ name: 'explore_it', notebook: 'work/Explore it.ipynb' }]);
    expect(file.text).toContain('function: explore_it');
  });
});

describe('running', () => {
  const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name });

  it('saves first, and starts', async () => {
    const { backend, file, host, user } = open();
    await shown();
    await choose('model');
    press('d', { ctrlKey: true });
    expect(screen.getByRole('button', { name: 'Unsaved' })).toBeTruthy();
    await user.click(button('Run'));
    await waitFor(() => expect(backend.of('runs.start')).toEqual([{ target: 'nightly', options: undefined }]));
    expect(file.dirty).toBe(false);
    expect(host.asked).toContainEqual(['notify', 'Saved nightly']);
  });

  it('asks for params that must be given', async () => {
    const { backend, host, user } = open(new MemoryFile(TEXT.replace('steps:', 'params: {day: {type: str}}\nsteps:')));
    await shown();
    await user.click(button('Run'));
    await waitFor(() => expect(host.asked).toContainEqual(['openForm', 'nightly']));
    expect(backend.of('runs.start')).toEqual([]);
  });

  it('runs from, up to or only the selected step', async () => {
    const { backend, user } = open();
    await shown();
    await choose('model');
    for (const name of ['Run from model', 'Run up to model', 'Run only model', 'Run without cache']) {
      await user.click(button('Ways to run'));
      await user.click(screen.getByRole('menuitem', { name }));
    }
    await waitFor(() =>
      expect(backend.of('runs.start').map(args => args.options)).toEqual([
        { from_step: 'model' },
        { until: 'model' },
        { only: ['model'] },
        { cache: false }
      ])
    );
  });

  it('shows a run as it happens, and stops it', async () => {
    const run = detailOf([aStep('raw'), aStep('model', { state: 'pending', started: null, ended: null })], {
      state: 'running',
      ended: null
    });
    const { backend, host, user } = open(new MemoryFile(), { run });
    await shown();
    await waitFor(() => expect(node('raw').dataset.state).toBe('completed'));
    act(() =>
      backend.happen({ type: 'step', run: 'run-1', step: aStep('model', { state: 'running', ended: null, progress: 0.4 }) })
    );
    await waitFor(() => expect(node('model').dataset.state).toBe('running'));
    expect(document.querySelector<HTMLElement>('.jmo-progress i')?.style.width).toBe('40%');
    act(() =>
      backend.happen({ type: 'step', run: 'run-1', step: aStep('model', { state: 'error', error: 'loss is not finite <b>' }) })
    );
    await waitFor(() => expect(node('model').textContent).toContain('loss is not finite <b>'));
    expect(document.querySelector('.react-flow__edge.jmo-edge-error')).not.toBeNull();

    await user.click(screen.getByRole('button', { name: /Run run-1: Running, 2\/2 steps/ }));
    expect(host.asked).toContainEqual(['openRun', 'run-1']);
    await user.click(button('Stop'));
    await waitFor(() => expect(backend.of('runs.abort')).toEqual([{ run: 'run-1' }]));
  });

  it('resumes what failed', async () => {
    const run = detailOf([aStep('raw', { state: 'error', error: 'no' })], { state: 'error', resumable: true });
    const { backend, user } = open(new MemoryFile(), { run });
    await shown();
    await user.click(await screen.findByRole('button', { name: 'Resume' }));
    await waitFor(() => expect(backend.of('runs.resume')).toEqual([{ run: 'run-1' }]));
  });

  it('says why it can’t be', async () => {
    const { host, user } = open(new MemoryFile(), {
      answers: {
        'runs.start': () => {
          throw new Error('nightly has a problem: correct it.');
        }
      }
    });
    await shown();
    await user.click(button('Run'));
    await waitFor(() => expect(host.asked).toContainEqual(['notify', 'nightly has a problem: correct it.', 'error']));
  });
});

describe('the text', () => {
  it('that can’t be read leaves the last good graph, and says so', async () => {
    const { file } = open();
    await shown();
    act(() => file.edit(`${TEXT}  broken: [\n`));
    expect((await screen.findByRole('alert')).textContent).toContain('You see how it was before');
    expect(nodes()).toEqual(['raw', 'model']);
    expect(file.text).toContain('broken: [');
  });

  it('that could never be read shows no workflow, but leads to the text', async () => {
    const { user, file } = open(new MemoryFile('name: nightly\nsteps: {a: ['));
    await screen.findByText('nightly can’t be read');
    expect([canvas(), screen.queryByText('No steps yet'), screen.queryByText('0 steps')]).toEqual([null, null, null]);
    await user.click(screen.getByRole('button', { name: 'Show the text' }));
    expect((await screen.findByRole('tab', { name: 'YAML' })).getAttribute('aria-selected')).toBe('true');
    await user.click(screen.getByRole('tab', { name: 'Graph' }));
    act(() => file.edit(TEXT));
    await shown();
  });

  it('follows changes from outside, which can be taken back', async () => {
    const { file, user } = open();
    await shown();
    act(() => file.edit(TEXT.replace('model:', 'other:')));
    await waitFor(() => expect(nodes()).toEqual(['raw', 'other']));
    await user.click(screen.getByRole('button', { name: 'Undo: Change from outside' }));
    expect(file.text).toBe(TEXT);
  });

  it('that comes between the first drawing and the first listener is shown all the same', async () => {
    const file = new MemoryFile('');
    const listen = file.onChange.bind(file);
    file.onChange = listener => {
      file.text = TEXT; // and nobody is told
      return listen(listener);
    };
    open(file);
    await shown();
    expect(screen.getByRole('button', { name: 'Undo' }).hasAttribute('disabled')).toBe(true);
  });

  it('that comes after the editor was opened can’t be undone to nothing', async () => {
    const file = new MemoryFile('');
    open(file);
    await screen.findByText('No steps yet');
    file.saved = TEXT;
    act(() => file.edit(TEXT));
    await shown();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Undo' }).disabled).toBe(true);
    canvas().focus();
    press('z', { ctrlKey: true });
    expect(file.text).toBe(TEXT);
  });

  it.each([
    ['the server finds something wrong with', TEXT, [{ text: 'no', step: 'raw', line: 3, field: null }]],
    ['needs params that nobody gave', TEXT.replace('steps:', 'params: {rows: {type: int}}\nsteps:'), []]
  ])('isn’t explained while it %s', async (_, text, problems) => {
    const { backend } = open(new MemoryFile(text), {
      answers: { 'workflows.check': { name: 'nightly', yaml: text, python: null, problems, etag: null } }
    });
    await shown();
    await waitFor(() => expect(backend.of('workflows.check')).not.toEqual([]));
    await act(() => new Promise(resolve => setTimeout(resolve)));
    expect(backend.of('workflows.explain')).toEqual([]);
  });

  it('marks problems on their steps, at once and then as the server says', async () => {
    const problems = [{ text: 'train has no parameter x', step: 'model', line: 5, field: 'params' }];
    open(new MemoryFile(TEXT.replace('function: ingest', 'function: nope')), {
      answers: { 'workflows.check': { name: 'nightly', yaml: '', python: null, problems, etag: null } }
    });
    await waitFor(() => expect(node('raw').getAttribute('aria-label')).toContain('There is no Function “nope”'));
    await waitFor(() => expect(node('model').getAttribute('aria-label')).toContain('train has no parameter x'));
    expect(node('raw').getAttribute('aria-label')).not.toContain('nope”');
  });

  it('of a snapshot can’t be changed', async () => {
    const file = new MemoryFile();
    file.readonly = true;
    open(file);
    await shown();
    await choose('model');
    press('Delete');
    press('d', { ctrlKey: true });
    expect(file.text).toBe(TEXT);
    expect(screen.queryByRole('button', { name: 'Run' })).toBeNull();
    expect(screen.getByText('Read-only')).toBeTruthy();
  });
});

it('in a cell leaves the wheel to the notebook', async () => {
  open(new MemoryFile(), { place: 'cell' });
  await shown();
  const wheel = new WheelEvent('wheel', { deltaY: 100, bubbles: true, cancelable: true });
  document.querySelector('.react-flow__pane')!.dispatchEvent(wheel);
  expect(wheel.defaultPrevented).toBe(false);
  expect(document.querySelector('.react-flow__minimap')).toBeNull();
});
