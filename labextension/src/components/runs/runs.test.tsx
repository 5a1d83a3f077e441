import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { IRunRow } from '../../model/contract';
import { Refusal } from '../../model/backend';
import { memoryHost, MemoryBackend } from '../../testing/backend';
import { listOf, runRow } from '../../testing/runs';
import { Provide } from '../surroundings';
import { RunsScreen } from './RunsScreen';

// the virtual rows ask how much of them is seen, which happy-dom can't tell
Object.defineProperties(HTMLElement.prototype, {
  clientWidth: { get: () => 900, configurable: true },
  clientHeight: { get: () => 500, configurable: true }
});

const NO_FUNCTIONS = { 'functions.list': { functions: [] }, 'workflows.list': { workflows: [] }, 'views.list': { views: [] } };

function shownWith(rows: IRunRow[], answers: ConstructorParameters<typeof MemoryBackend>[0] = {}, query?: string) {
  const backend = new MemoryBackend({
    ...NO_FUNCTIONS,
    'runs.list': listOf(rows),
    'runs.summary': () => ({ total: rows.length, groups: [], ranges: { accuracy: [0.8, 0.9] }, tags: [] }),
    'runs.metrics': { series: [] },
    'runs.compare': ({ runs }) => ({ runs: rows.filter(row => runs.includes(row.id)), rows: [], metrics: [] }),
    ...answers
  });
  const chosen: string[][] = [];
  const host = memoryHost({ onChosen: runs => void chosen.push(runs) });
  const shown = render(
    <Provide backend={backend} host={host}>
      <RunsScreen query={query} />
    </Provide>
  );
  return { backend, host, chosen, shown, user: userEvent.setup() };
}

const rows = (): IRunRow[] => [
  runRow('3', { name: 'sweep', children: 2 }),
  runRow('2', { name: 'big', results: { accuracy: 0.9 } }),
  runRow('1', { name: 'small', results: { accuracy: 0.8 }, state: 'error', reason: 'ValueError' }),
  runRow('b', { name: 'sweep', parent: '3', iteration: 1, best: true }),
  runRow('a', { name: 'sweep', parent: '3', iteration: 0 })
];
const line = (name: string): HTMLElement => screen.getByRole('button', { name }).closest<HTMLElement>('[role=row]')!;
const names = (): string[] =>
  within(screen.getByRole('treegrid'))
    .getAllByLabelText(/^Choose (?!the)/)
    .map(box => box.getAttribute('aria-label')!.slice(7));

describe('the table of runs', () => {
  it('shows runs that have no parent, with their children behind them', async () => {
    const { user, backend } = shownWith(rows());
    await screen.findByRole('button', { name: 'big' });
    expect(names()).toEqual(['sweep', 'big', 'small']);
    await user.click(screen.getByRole('button', { name: 'Show what sweep ran' }));
    await waitFor(() => expect(names()).toEqual(['sweep', 'sweep', 'sweep', 'big', 'small']));
    expect(backend.of('runs.list').at(-1)?.parent).toBe('3');
    expect(screen.getByRole('img', { name: 'Best of its sweep' })).toBeTruthy();
  });

  it('sorts by a click on a column, the better way first, and marks the best', async () => {
    const { user, backend } = shownWith(rows());
    const row = within((await screen.findByRole('button', { name: 'big' })).closest<HTMLElement>('[role=row]')!);
    await waitFor(() => expect(row.getByText('best')).toBeTruthy());
    await user.click(screen.getByRole('button', { name: 'accuracy' }));
    await waitFor(() => expect(backend.of('runs.list').at(-1)).toMatchObject({ sort: 'results.accuracy', descending: true }));
    await user.click(screen.getByRole('button', { name: 'accuracy' }));
    await waitFor(() => expect(backend.of('runs.list').at(-1)).toMatchObject({ sort: 'results.accuracy', descending: false }));
  });

  it('is walked, chosen and opened by keys alone', async () => {
    const { user, host } = shownWith(rows());
    await screen.findByRole('button', { name: 'big' });
    const grid = screen.getByRole('treegrid');
    act(() => grid.focus());
    await user.keyboard('{ArrowDown} {ArrowDown} ');
    expect(line('big').getAttribute('aria-selected')).toBe('true');
    expect(line('small').getAttribute('aria-selected')).toBe('true');
    await user.keyboard('{Enter}');
    expect(host.asked.at(-1)).toEqual(['openRun', '1']);
    await user.keyboard('{Home}{ArrowRight}');
    await waitFor(() => expect(names()).toHaveLength(5));
    await user.keyboard('/');
    expect(document.activeElement).toBe(screen.getByRole('combobox', { name: 'Query' }));
  });

  it('offers in its menu to choose a run, and to choose it no more', async () => {
    const { user, chosen } = shownWith(rows());
    await screen.findByRole('button', { name: 'big' });
    fireEvent.contextMenu(line('big'));
    await user.click(screen.getByRole('menuitem', { name: 'Choose' }));
    expect(chosen.at(-1)).toEqual(['2']);
    fireEvent.contextMenu(line('big'));
    await user.click(screen.getByRole('menuitem', { name: 'Choose no more' }));
    expect(chosen.at(-1)).toEqual([]);
  });

  it('compares what is chosen with Shift', async () => {
    const { user, host, chosen } = shownWith(rows());
    await screen.findByRole('button', { name: 'big' });
    expect((screen.getByRole('button', { name: 'Compare' }) as HTMLButtonElement).disabled).toBe(true);
    await user.click(screen.getByLabelText('Choose sweep'));
    fireEvent.click(screen.getByLabelText('Choose small'), { shiftKey: true });
    await user.click(screen.getByRole('button', { name: /Compare 3/ }));
    expect(host.asked.at(-1)).toEqual(['openComparison', ['3', '2', '1']]);
    expect(chosen.at(-1)).toEqual(['3', '2', '1']);
  });

  it('changes a run in place when an event says so, without asking again', async () => {
    const { backend } = shownWith(rows());
    await screen.findByRole('button', { name: 'big' });
    const before = backend.of('runs.list').length;
    act(() => backend.happen({ type: 'run', run: runRow('2', { name: 'big', state: 'running', ended: null }) }));
    expect(within(line('big')).getByText('Running')).toBeTruthy();
    expect(backend.of('runs.list')).toHaveLength(before);
    act(() => backend.happen({ type: 'removed', run: '2' }));
    expect(names()).toEqual(['sweep', 'small']);
  });

  it('lets a new run appear on top', async () => {
    const all = rows();
    const { backend } = shownWith(all);
    await screen.findByRole('button', { name: 'big' });
    all.unshift(runRow('4', { name: 'fresh', state: 'running' }));
    act(() => backend.happen({ type: 'run', run: all[0] }));
    await waitFor(() => expect(names()[0]).toBe('fresh'), { timeout: 2000 });
  });

  it('only tells of a new run when another order is on screen', async () => {
    const all = rows();
    const { backend, user } = shownWith(all);
    await screen.findByRole('button', { name: 'big' });
    await user.click(screen.getByRole('button', { name: 'accuracy' }));
    await waitFor(() => expect(backend.of('runs.list').at(-1)?.sort).toBe('results.accuracy'));
    all.unshift(runRow('4', { name: 'fresh' }));
    act(() => backend.happen({ type: 'run', run: all[0] }));
    await user.click(await screen.findByRole('button', { name: '1 new run' }, { timeout: 2000 }));
    await waitFor(() => expect(names()).toContain('fresh'));
  });
});

describe('the query', () => {
  it('is asked as typed, with quick filters written into it', async () => {
    const { user, backend } = shownWith(rows());
    await screen.findByRole('button', { name: 'big' });
    await user.click(within(screen.getByRole('group', { name: 'Filters' })).getByRole('button', { name: 'State' }));
    await user.click(screen.getByRole('menuitemcheckbox', { name: 'Error' }));
    expect((screen.getByRole('combobox', { name: 'Query' }) as HTMLInputElement).value).toBe("state = 'error'");
    await waitFor(() => expect(backend.of('runs.list').at(-1)).toMatchObject({ query: "state = 'error'" }));
  });

  it('that is refused says why below, and the rows stay', async () => {
    const list = listOf(rows());
    const { user } = shownWith(rows(), {
      'runs.list': args => {
        if (args.query === 'acc > 1') {
          throw new Refusal({ message: 'There is no column "acc". Did you mean "accuracy"?', kind: 'SqlError', status: 400 });
        }
        return list(args);
      }
    });
    await screen.findByRole('button', { name: 'big' });
    await user.type(screen.getByRole('combobox', { name: 'Query' }), 'acc > 1{Enter}');
    expect((await screen.findByRole('alert')).textContent).toMatch('Did you mean "accuracy"');
    expect(names()).toEqual(['sweep', 'big', 'small']);
  });

  it('is begun by a column’s menu, and asked when it is ended', async () => {
    const { user, backend } = shownWith(rows());
    await screen.findByRole('button', { name: 'big' });
    await user.click(screen.getByRole('button', { name: 'Column accuracy' }));
    await user.click(screen.getByRole('menuitem', { name: 'Filter' }));
    const field = screen.getByRole('combobox', { name: 'Query' }) as HTMLInputElement;
    await waitFor(() => expect(document.activeElement).toBe(field));
    await user.type(field, '> 0.5{Enter}');
    await waitFor(() => expect(backend.of('runs.list').at(-1)?.query).toBe('accuracy > 0.5'));
  });

  it('suggests columns, which Enter takes', async () => {
    const { user } = shownWith(rows());
    await screen.findByRole('button', { name: 'big' });
    const field = screen.getByRole('combobox', { name: 'Query' }) as HTMLInputElement;
    await user.type(field, 'acc');
    expect(screen.getByRole('option', { name: /accuracy/ })).toBeTruthy();
    await user.type(field, '{ArrowDown}{Enter}');
    expect(field.value).toBe('accuracy ');
  });

  it('that nothing fits can be cleared', async () => {
    const { user } = shownWith(rows(), {}, 'nowhere');
    await screen.findByText('No run fits');
    await user.click(screen.getAllByRole('button', { name: 'Clear the query' })[1]);
    await screen.findByRole('button', { name: 'big' });
  });
});

it('groups have counts and can be closed', async () => {
  const all = rows();
  const { user } = shownWith(all, {
    'runs.list': args => listOf(all)({ ...args, query: '', parent: undefined }),
    'runs.summary': ({ by }) => ({ total: 5, groups: by ? [{ value: 'error', count: 5 }] : [], ranges: {}, tags: [] })
  });
  await screen.findByRole('button', { name: 'big' });
  await user.click(screen.getByRole('button', { name: 'Group' }));
  await user.click(screen.getByRole('menuitemradio', { name: 'State' }));
  expect(screen.queryByRole('menu')).toBeNull();
  const group = await waitFor(() => screen.getByText('Error', { selector: 'strong' }).closest<HTMLElement>('[role=row]')!);
  await waitFor(() => expect(names()).toHaveLength(5));
  expect(within(group).getByText('5')).toBeTruthy();
  await user.click(group);
  expect(names.bind(null)).toThrow();
});

it('a project without runs shows three ways to begin', async () => {
  const { user, host } = shownWith([], {
    'workflows.list': { workflows: [{ name: 'nightly', description: '', steps: 2, contents: null, latest: null }] }
  });
  await user.click(await screen.findByRole('button', { name: 'nightly' }));
  expect(host.asked.at(-1)).toEqual(['openForm', 'nightly']);
  expect(screen.getAllByRole('button', { name: 'Copy' })).toHaveLength(2);
});

it('a project without anything can begin with the example', async () => {
  const { user, host, backend } = shownWith([], {
    'functions.define': { function: {} as never, change: '', warnings: [] },
    'workflows.save': ({ name, yaml }) => ({ name, yaml, python: null, problems: [], etag: 'x' })
  });
  await user.click(await screen.findByRole('button', { name: 'Make the example' }));
  await waitFor(() => expect(host.asked.at(-1)?.[0]).toBe('openWorkflow'));
  expect(backend.of('functions.define').length).toBeGreaterThan(0);
});

it('deleting asks first, and the menu of a run offers it', async () => {
  const { user, host, backend } = shownWith(rows(), { 'runs.delete': ({ run }) => ({ removed: run }) });
  await screen.findByRole('button', { name: 'big' });
  await user.click(screen.getByRole('button', { name: 'Actions for big' }));
  await user.click(screen.getByRole('menuitem', { name: 'Delete…' }));
  await waitFor(() => expect(backend.of('runs.delete')).toEqual([{ run: '2' }]));
  expect(host.asked.some(([what]) => what === 'confirm')).toBe(true);
});
