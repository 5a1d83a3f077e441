import { act, createEvent, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { describe, expect, it, vi } from 'vitest';
import { Bell } from '../../model/bell';
import { Refusal } from '../../model/backend';
import type { Args, IRunRow } from '../../model/contract';
import { ASKED_FIRST, type ISidebarPlace, type IWanted } from '../../model/sidebar';
import { MemoryBackend, memoryHost } from '../../testing/backend';
import { Provide } from '../surroundings';
import { Sidebar } from './Sidebar';

const run = (id: string, more: Partial<IRunRow> = {}): IRunRow => ({
  ...{ id, name: `name-${id}`, function: 'train', workflow: null, step: null, iteration: null, parent: null, state: 'completed' },
  ...{ reason: '', created: 1, started: 1, ended: 2, duration: 1, version: null, user: '', host: '', origin: '' },
  ...{ params: {}, results: {}, tags: {}, children: 0, best: false },
  ...more
});
const columns = { params: [], results: [], tags: [], metrics: [] };
const train = {
  ...{ name: 'train', version: '1', description: '<img src=x onerror=alert(1)>', parameters: [], inputs: [], returns: [] },
  ...{ runtime: {}, runs: 3, latest: null }
};
const latest = {
  ...{ uid: 'a2', key: 'clean', kind: 'dataset' as const, size: 1200, hash: '', type: '', created: 2, run: 'r1' },
  ...{ function: 'train', tags: ['latest'], uri: 'store://dataset/churn/clean^a2' }
};

function project(runs = [run('r1'), run('r2', { children: 2, name: 'nightly', function: null, workflow: 'nightly' })]) {
  return new MemoryBackend({
    'functions.list': { functions: [train, { ...train, name: 'prepare', description: '' }] },
    'workflows.list': {
      workflows: [
        {
          name: 'nightly',
          description: '',
          steps: 3,
          contents: null,
          latest: { run: 'r2', state: 'completed', created: 1, done: 3 }
        }
      ]
    },
    'artifacts.list': { groups: [{ key: 'clean', kind: 'dataset', versions: 2, tags: ['latest'], latest }] },
    'artifacts.get': () => ({ versions: [latest, { ...latest, uid: 'a1', tags: [] }], consumers: [] }) as never,
    'runs.list': ({ parent, query, limit = 100, offset = 0 }: Args<'runs.list'>) => {
      const all =
        parent === 'r2'
          ? [run('c1', { parent: 'r2', step: 'raw' })]
          : query
            ? runs.filter(({ name }) => name.includes(query))
            : runs;
      return { total: all.length, rows: all.slice(offset, offset + limit), columns, offset };
    },
    'runs.abort': { run: 'r3' },
    'runs.delete': { removed: 'r1' },
    'workflows.save': { name: 'my_workflow', yaml: '', python: null, problems: [], etag: '1' }
  });
}

function place(more: Partial<ISidebarPlace> = {}) {
  const bell = new Bell<void>();
  const asked: string[] = [];
  const note = (name: string) => () => void asked.push(name);
  const memory = new Map<string, unknown>();
  const made = {
    projects: [
      { path: 'churn', name: 'churn', description: '' },
      { path: 'sales', name: 'sales', description: '' }
    ],
    chosen: 'churn' as string | null,
    problem: null,
    missing: false,
    form: null as IWanted | null,
    confirmAbort: true,
    hasNotebook: false,
    onChange: (listener: () => void) => bell.on(listener),
    refresh: note('refresh'),
    choose: (path: string) => void asked.push(`choose ${path}`),
    newProject: note('newProject'),
    openFolder: note('openFolder'),
    showFiles: note('showFiles'),
    openArtifacts: note('openArtifacts'),
    closeForm: () => {
      made.form = null;
      bell.ring();
    },
    makeFunction: note('makeFunction'),
    recall: (key: string) => memory.get(key),
    keep: (key: string, value: unknown) => void memory.set(key, value),
    ...more
  };
  return { made, asked, memory, ring: () => act(() => bell.ring()) };
}

function show(backend = project(), of = place()) {
  const host = memoryHost({ place: 'sidebar' });
  const view = render(
    <Provide backend={backend} host={host}>
      <Sidebar place={of.made} />
    </Provide>
  );
  return { ...view, host, backend, of };
}
const item = (name: RegExp) => screen.findByRole('treeitem', { name });

describe('the sidebar', () => {
  it('shows the project as a tree, text as text', async () => {
    const { container } = show();
    expect(await item(/Function train, 3 runs/)).toBeTruthy();
    expect(await item(/Workflow nightly, 3 steps/)).toBeTruthy();
    expect(await item(/name-r1/)).toBeTruthy();
    expect(await item(/clean/)).toBeTruthy();
    expect(container.querySelector('img')).toBeNull();
  });

  it('asks first what it is said to ask first, so that Lab can ask it ahead', async () => {
    const { backend } = show();
    await item(/name-r1/);
    expect(backend.calls.slice(0, ASKED_FIRST.length).map(({ operation, args }) => [operation, args])).toEqual(ASKED_FIRST);
  });

  it('has no fault that axe can find', async () => {
    const { container } = show();
    await item(/name-r1/);
    const { violations } = await axe.run(container, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it('is walked by keyboard: down to a run, and opened', async () => {
    const { host } = show();
    await item(/name-r1/);
    const tree = screen.getByRole('tree');
    act(() => tree.focus());
    await userEvent.keyboard('name-r1');
    const active = () => document.getElementById(tree.getAttribute('aria-activedescendant')!);
    expect(active()?.textContent).toContain('name-r1');
    await userEvent.keyboard('{Enter}');
    expect(host.asked).toContainEqual(['openRun', 'r1']);
  });

  it('opens the steps of a run with the right arrow', async () => {
    show();
    const row = await item(/^nightly|Completed nightly/);
    act(() => screen.getByRole('tree').focus());
    fireEvent.click(row.querySelector('.jmo-row-chevron')!);
    expect(await item(/raw/)).toBeTruthy();
    expect(row.getAttribute('aria-expanded')).toBe('true');
  });

  it('shows a run that begins at once, and its state as it changes', async () => {
    const { backend } = show();
    await item(/name-r1/);
    act(() => backend.happen({ type: 'run', run: run('r3', { state: 'running', ended: null }) }));
    const row = await item(/name-r3/);
    expect(within(row).getByRole('img', { name: 'Running' })).toBeTruthy();
    expect(await item(/Function train, 4 runs/)).toBeTruthy();
    act(() => backend.happen({ type: 'run', run: run('r3', { state: 'error' }) }));
    await waitFor(async () => expect(within(await item(/name-r3/)).getByRole('img', { name: 'Error' })).toBeTruthy());
  });

  it('aborts a run that goes on, after it asked', async () => {
    const { backend, host } = show(project([run('r3', { state: 'running', ended: null })]));
    const row = await item(/name-r3/);
    await userEvent.click(within(row).getByRole('button', { name: 'Abort' }));
    await waitFor(() => expect(backend.of('runs.abort')).toEqual([{ run: 'r3' }]));
    expect(host.asked[0][0]).toBe('confirm');
  });

  it('has a menu by Shift+F10, whose Escape gives the focus back to the tree', async () => {
    show();
    await item(/name-r1/);
    const tree = screen.getByRole('tree');
    act(() => tree.focus());
    await userEvent.keyboard('name-r1');
    fireEvent.keyDown(tree, { key: 'F10', shiftKey: true });
    expect(await screen.findByRole('menuitem', { name: 'Re-run with changes…' })).toBeTruthy();
    await userEvent.keyboard('{Escape}');
    expect(document.activeElement).toBe(tree);
  });

  it('says once that a project can’t be read, and opens its settings', async () => {
    const backend = project();
    const refused = () => {
      throw new Refusal({ message: 'project.yaml, line 2: expected a key.', kind: 'ProjectError', status: 400 });
    };
    for (const operation of ['functions.list', 'workflows.list', 'runs.list', 'artifacts.list'] as const) {
      backend.answers[operation] = refused;
    }
    const { host } = show(backend);
    expect(await screen.findByRole('heading', { name: 'This project can’t be read' })).toBeTruthy();
    expect(screen.getAllByText(/line 2: expected a key/)).toHaveLength(1);
    await userEvent.click(screen.getByRole('button', { name: 'Open project.yaml' }));
    expect(host.asked).toContainEqual(['openFile', 'churn/project.yaml']);
    Object.assign(backend.answers, project().answers);
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await item(/Function train/)).toBeTruthy();
  });

  it('says which workflows a Function is needed by before it is deleted', async () => {
    const backend = project();
    backend.answers['functions.get'] = { workflows: ['nightly', 'weekly'] } as never;
    backend.answers['functions.delete'] = { removed: 'train' };
    const { host } = show(backend);
    fireEvent.contextMenu(await item(/Function train/));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Delete…' }));
    await waitFor(() => expect(backend.of('functions.delete')).toEqual([{ name: 'train' }]));
    expect(host.asked[0]).toEqual([
      'confirm',
      expect.objectContaining({ body: '2 workflows use it, and will not run any more: nightly, weekly. Its runs stay.' })
    ]);
  });

  it('deletes only when it was confirmed', async () => {
    const backend = project();
    const host = memoryHost({ place: 'sidebar', confirm: async () => false });
    render(
      <Provide backend={backend} host={host}>
        <Sidebar place={place().made} />
      </Provide>
    );
    fireEvent.contextMenu(await item(/name-r1/));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Delete…' }));
    await Promise.resolve();
    expect(backend.of('runs.delete')).toEqual([]);
  });

  it('searches all of it, runs on the server', async () => {
    const { backend } = show();
    await item(/name-r1/);
    await userEvent.type(screen.getByRole('searchbox'), 'name-r1');
    await waitFor(() => expect(backend.of('runs.list').some(({ query }) => query === 'name-r1')).toBe(true));
    await waitFor(() => expect(screen.queryByRole('treeitem', { name: /Function train/ })).toBeNull());
    expect(await item(/name-r1/)).toBeTruthy();
  });

  it('draws a part of very many runs, and brings more when asked', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => run(`r${String(20_000 - index)}`));
    const { container, backend } = show(project(many));
    const more = await item(/Show more \(9,970 left\)/);
    await userEvent.click(more);
    await waitFor(() => expect(backend.of('runs.list').some(({ limit = 0 }) => limit > 50)).toBe(true));
    expect(container.querySelectorAll('[role=treeitem]').length).toBeLessThan(150);
  });

  it('remembers which sections are closed', async () => {
    const of = place();
    const first = show(project(), of);
    await userEvent.click(await item(/^Runs, 2/));
    await waitFor(() => expect(screen.queryByRole('treeitem', { name: /name-r1/ })).toBeNull());
    first.unmount();
    show(project(), of);
    await item(/Function train/);
    expect(screen.queryByRole('treeitem', { name: /name-r1/ })).toBeNull();
  });

  it('gives a dragged Function to the canvas', async () => {
    show();
    const put = new Map<string, string>();
    const row = await item(/Function train/);
    const dragging = createEvent.dragStart(row, { dataTransfer: { setData: put.set.bind(put), effectAllowed: '' } });
    fireEvent(row, dragging);
    expect(put.get('application/x-jupyter-mlops+json')).toBe('{"function":"train"}');
    expect((dragging as DragEvent).dataTransfer?.effectAllowed).toBe('copy');
  });

  it('drags the row that was pressed, though another one has come below the pointer', async () => {
    show();
    const put = new Map<string, string>();
    const [pressed, below] = [await item(/Function train/), await item(/Workflow nightly/)];
    const setDragImage = vi.fn();
    fireEvent.pointerDown(pressed);
    fireEvent(below, createEvent.dragStart(below, { dataTransfer: { setData: put.set.bind(put), setDragImage } }));
    expect(put.get('application/x-jupyter-mlops+json')).toBe('{"function":"train"}');
    expect(setDragImage).toHaveBeenCalledWith(pressed, 12, 12);
  });

  it('drags no section', async () => {
    show();
    const section = await item(/^Runs, 2/);
    const dragging = createEvent.dragStart(section, { dataTransfer: { setData: vi.fn() } });
    fireEvent(section, dragging);
    expect(dragging.defaultPrevented).toBe(true);
  });

  it('changes the project', async () => {
    const { of } = show();
    await userEvent.click(await screen.findByRole('button', { name: 'churn' }));
    await userEvent.click(await screen.findByRole('menuitemradio', { name: 'sales' }));
    expect(of.asked).toEqual(['choose sales']);
  });

  it('has the focus on the project’s name after a change by keyboard', async () => {
    const of = place();
    of.made.choose = path => {
      of.made.chosen = path;
      of.ring();
    };
    show(project(), of);
    (await screen.findByRole('button', { name: 'churn' })).focus();
    await userEvent.keyboard('{Enter}{ArrowDown}{Enter}');
    expect(document.activeElement).toBe(await screen.findByRole('button', { name: 'sales' }));
  });

  it('slides a form over the tree, and comes back', async () => {
    const of = place();
    const backend = project();
    show(backend, of);
    await item(/name-r1/);
    of.made.form = { target: 'train' };
    of.ring();
    await userEvent.click(await screen.findByRole('button', { name: 'Back' }));
    expect(await item(/name-r1/)).toBeTruthy();
  });
});

describe('where there is nothing yet', () => {
  const empty = () =>
    new MemoryBackend({
      'functions.list': { functions: [] },
      'workflows.list': { workflows: [] },
      'artifacts.list': { groups: [] },
      'runs.list': { total: 0, rows: [], columns, offset: 0 },
      'workflows.save': { name: 'first_workflow', yaml: '', python: null, problems: [], etag: '1' },
      'functions.define': { function: train, change: 'new', warnings: [] }
    });

  it('shows three ways to begin, each one click', async () => {
    const { of, host, backend } = show(empty());
    await userEvent.click(await screen.findByRole('button', { name: /Write a Function/ }));
    expect(of.asked).toEqual(['makeFunction']);
    await userEvent.click(screen.getByRole('button', { name: /Draw a workflow/ }));
    await waitFor(() => expect(host.asked).toContainEqual(['openWorkflow', 'my_workflow']));
    await userEvent.click(screen.getByRole('button', { name: /Try an example/ }));
    await waitFor(() => expect(host.asked).toContainEqual(['openWorkflow', 'first_workflow']));
    expect(backend.of('functions.define').map(({ name }) => name)).toEqual(['make_data', 'fit_line']);
  });

  it('offers to make or open a project', async () => {
    const of = place({ projects: [], chosen: null });
    show(empty(), of);
    await userEvent.click(await screen.findByRole('button', { name: /Create a project/ }));
    await userEvent.click(await screen.findByRole('button', { name: /Open a folder/ }));
    expect(of.asked).toEqual(['newProject', 'openFolder']);
  });

  it('says how to enable the server part when it is missing', async () => {
    const problem = new Refusal({ message: '404', kind: 'Error', status: 404 });
    const of = place({ projects: null, chosen: null, missing: true, problem });
    show(empty(), of);
    expect(await screen.findByText(/jupyter server extension enable jupyter_mlops/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(of.asked).toEqual(['refresh']);
  });
});
