import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import type { ReactNode } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import { Refusal, Unreachable } from '../../model/backend';
import type { Args, IComparison, IRunDetail, IRunRow, IStepLine } from '../../model/contract';
import { MemoryBackend, memoryHost } from '../../testing/backend';
import { withCanvas } from '../../testing/canvas';
import { Provide } from '../surroundings';
import { ComparePanel, CompareScreen, SweepPanel } from '.';
import { distinctNames } from './names';

beforeEach(() => void withCanvas());

const row = (id: string, params: IRunRow['params'], results: IRunRow['results'], more: Partial<IRunRow> = {}): IRunRow => ({
  ...{
    id,
    name: `train-${id}`,
    function: 'train',
    workflow: null,
    step: null,
    iteration: null,
    parent: null,
    state: 'completed'
  },
  ...{ reason: '', created: 1.8e9, started: 1.8e9, ended: 1.8e9 + 5, duration: 5, version: 'abc', user: 'ann', host: 'box' },
  ...{ origin: 'notebook', params, results, tags: {}, children: 0, best: false },
  ...more
});
const ROWS = [
  row('a', { depth: 2, seed: 1 }, { accuracy: 0.8, loss: 0.5 }),
  row('b', { depth: 4, seed: 1 }, { accuracy: 0.9, loss: 0.3 }),
  row('c', { depth: 8, seed: 1, note: '<img src=x onerror=alert(1)>' }, { accuracy: 0.7, loss: 0.1 })
];

function compared(runs: readonly IRunRow[]): IComparison {
  const lines = (['params', 'results'] as const).flatMap(section => {
    const keys = [...new Set(runs.flatMap(run => Object.keys(run[section])))];
    return keys.map(key => {
      const values = runs.map(run => run[section][key] ?? null);
      return { section, key, values, differs: values.some(value => value !== values[0]) };
    });
  });
  return { runs: [...runs], rows: lines, metrics: ['loss'] };
}

const gone = () => new Refusal({ message: 'There is no such run.', kind: 'NotFoundError', status: 404 });

function backendOf(rows: readonly IRunRow[] = ROWS, more: ConstructorParameters<typeof MemoryBackend>[0] = {}) {
  return new MemoryBackend({
    'runs.compare': ({ runs }: Args<'runs.compare'>) => {
      const found = runs.map(id => rows.find(one => one.id === id));
      if (found.includes(undefined)) {
        throw gone();
      }
      return compared(found as IRunRow[]);
    },
    'runs.metrics': ({ runs }: Args<'runs.metrics'>) => ({
      series: runs.map(run => ({ run, key: 'loss', points: [[0, 1, 0] as [number, number, number]], total: 1 }))
    }),
    'runs.list': { total: 1, rows: [...rows], columns: { params: [], results: [], tags: [], metrics: [] }, offset: 0 },
    ...more
  });
}

function shown(content: ReactNode, backend = backendOf()) {
  const host = memoryHost();
  const view = render(
    <Provide backend={backend} host={host}>
      {content}
    </Provide>
  );
  return { backend, host, ...view };
}

const table = () => screen.findByRole('region', { name: 'Table of differences' });
const cells = async (name: string) => {
  const line = within(await table()).getByRole('row', { name: new RegExp(`^${name}`) });
  return within(line)
    .getAllByRole('cell')
    .map(cell => cell.textContent);
};

describe('comparing runs', () => {
  it('shows only what differs until all is asked for', async () => {
    shown(<CompareScreen runs={['a', 'b']} />);
    expect(await cells('depth')).toEqual(['2', '4']);
    expect(within(await table()).queryByText('seed')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Only differences' }));
    expect(await cells('seed')).toEqual(['1', '1']);
  });

  it('marks the best of each result, whether high or low is better', async () => {
    shown(<CompareScreen runs={['a', 'b', 'c']} />);
    expect(await cells('accuracy')).toEqual(['0.8', '0.9best', '0.7']);
    expect(await cells('loss')).toEqual(['0.5', '0.3', '0.1best']);
  });

  it('says so when nothing differs, and offers to show all', async () => {
    shown(<CompareScreen runs={['a', 'd']} />, backendOf([ROWS[0], { ...ROWS[0], id: 'd' }]));
    await userEvent.click(await screen.findByRole('button', { name: 'Show all 4 rows' }));
    expect(await cells('depth')).toEqual(['2', '2']);
  });

  it('shows a run everywhere when it is pointed at anywhere', async () => {
    const { container } = shown(<CompareScreen runs={['a', 'b']} />);
    fireEvent.pointerEnter(within(await table()).getByRole('columnheader', { name: 'train-b' }));
    expect(container.querySelector('.jmo-compare-chip.jmo-on')?.textContent).toBe('train-b');
    expect(container.querySelectorAll('.jmo-line.jmo-on')).toHaveLength(1);
    expect(container.querySelector('.jmo-point.jmo-on')?.getAttribute('aria-label')).toContain('train-b');
    expect([...container.querySelectorAll('td.jmo-on')].map(cell => cell.textContent)).toContain('4');
  });

  it('removes a run, and adds one that is searched for', async () => {
    const { backend } = shown(<CompareScreen runs={['a', 'b']} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Remove train-b' }));
    await waitFor(() => expect(backend.of('runs.compare').at(-1)).toEqual({ runs: ['a'] }));
    await userEvent.click(screen.getByRole('button', { name: 'Add run' }));
    await userEvent.type(screen.getByRole('combobox', { name: 'Find a run' }), 'depth > 7');
    await waitFor(() => expect(backend.of('runs.list').at(-1)?.query).toBe('depth > 7'));
    expect(screen.queryByRole('option', { name: /train-a/ })).toBeNull();
    expect(screen.getByRole('option', { name: /train-c c/ })).toBeTruthy();
    await userEvent.click(screen.getByRole('option', { name: /train-c/ }));
    await waitFor(() => expect(backend.of('runs.compare').at(-1)).toEqual({ runs: ['a', 'c'] }));
  });

  it('adds a run by keyboard alone', async () => {
    const { backend } = shown(<CompareScreen runs={['a']} />);
    await screen.findByRole('button', { name: 'Remove train-a' });
    screen.getByRole('button', { name: 'Add run' }).focus();
    await userEvent.keyboard('{Enter}');
    await screen.findByRole('option', { name: /train-c/ });
    await userEvent.keyboard('{ArrowDown}{Enter}');
    await waitFor(() => expect(backend.of('runs.compare').at(-1)).toEqual({ runs: ['a', 'c'] }));
  });

  it('writes no name over another one in the scatter', async () => {
    const long = (id: string, depth: number, accuracy: number) => row(id, { depth }, { accuracy }, { name: id.repeat(28) });
    const rows = [long('a', 0, 0.1), long('b', 10, 0.9), long('c', 4, 0.9)];
    shown(<CompareScreen runs={['a', 'b', 'c']} />, backendOf(rows));
    const scatter = await screen.findByRole('group', { name: 'accuracy against depth' });
    const names = [...scatter.querySelectorAll('.jmo-point text')].map(text => text.textContent?.[0]);
    expect(names).toEqual(['a', 'b']);
  });

  it('opens a run', async () => {
    const { host } = shown(<CompareScreen runs={['a', 'b']} />);
    const chips = await screen.findByRole('list', { name: 'Compared runs' });
    await userEvent.click(await within(chips).findByRole('button', { name: 'train-a' }));
    expect(host.asked).toEqual([['openRun', 'a']]);
  });

  it('says which run is gone, and compares the others', async () => {
    shown(<CompareScreen runs={['a', 'nope', 'b']} />);
    expect(await screen.findByText('Run nope is gone.')).toBeTruthy();
    expect(await cells('depth')).toEqual(['2', '4']);
    await userEvent.click(screen.getByRole('button', { name: 'Leave out' }));
    await waitFor(() => expect(screen.queryByText('Run nope is gone.')).toBeNull());
  });

  it('offers to choose runs when there are none', async () => {
    const { host } = shown(<CompareScreen runs={[]} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Choose runs' }));
    expect(host.asked).toEqual([['openRuns']]);
  });

  it('shows the values of a single run', async () => {
    shown(<CompareScreen runs={['a']} />);
    expect(await screen.findByText('Add a second run to see what differs.')).toBeTruthy();
    expect(await cells('seed')).toEqual(['1']);
  });

  it('says when the server cannot be reached, and tries again', async () => {
    let down = true;
    const backend = backendOf(ROWS, {
      'runs.compare': ({ runs }: Args<'runs.compare'>) => {
        if (down) {
          throw new Unreachable('The server does not answer.');
        }
        return compared(ROWS.filter(({ id }) => runs.includes(id)));
      }
    });
    shown(<CompareScreen runs={['a', 'b']} />, backend);
    expect((await screen.findByRole('alert')).textContent).toContain('The server does not answer.');
    down = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await cells('depth')).toEqual(['2', '4']);
  });

  it('asks again when one of its runs changes', async () => {
    const { backend } = shown(<CompareScreen runs={['a', 'b']} />);
    await table();
    const before = backend.of('runs.compare').length;
    act(() => backend.happen({ type: 'run', run: ROWS[2] }));
    act(() => backend.happen({ type: 'run', run: ROWS[1] }));
    await waitFor(() => expect(backend.of('runs.compare')).toHaveLength(before + 1));
  });

  it('colours iterations of one sweep by what it selects', async () => {
    const rows = ROWS.map((one, iteration) => ({ ...one, parent: 'sweep', iteration }));
    const detail = { sweep: { select: 'max:accuracy', params: ['depth'], best: 'b' } } as IRunDetail;
    shown(<CompareScreen runs={['a', 'b']} />, backendOf(rows, { 'runs.get': detail }));
    const choices = (await screen.findAllByRole('combobox', { name: 'Colour' })) as HTMLSelectElement[];
    await waitFor(() => expect(choices.map(({ value }) => value)).toEqual(['results.accuracy', 'results.accuracy']));
  });

  it('shows values as text, whatever they hold', async () => {
    const { container } = shown(<CompareScreen runs={['a', 'c']} />);
    expect((await cells('note'))[1]).toBe('<img src=x onerror=alert(1)>');
    expect(container.querySelector('img')).toBeNull();
  });

  it('has no fault that axe finds', async () => {
    const { container } = shown(<CompareScreen runs={['a', 'b', 'c']} />);
    await table();
    await screen.findByRole('heading', { name: 'loss' });
    const { violations } = await axe.run(container, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
    });
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
});

describe('parallel coordinates', () => {
  const names = (container: HTMLElement) =>
    [...container.querySelectorAll('.jmo-axis-name')].map(name => name.getAttribute('aria-label'));

  it('have an axis for each param and result that differs', async () => {
    const { container } = shown(<CompareScreen runs={['a', 'b']} />);
    await table();
    expect(names(container)).toEqual(['depth', 'accuracy', 'loss']);
  });

  it('move an axis by arrow keys', async () => {
    const { container } = shown(<CompareScreen runs={['a', 'b']} />);
    await table();
    container.querySelector<SVGElement>('.jmo-axis-name')?.focus();
    await userEvent.keyboard('{ArrowRight}');
    expect(names(container)).toEqual(['accuracy', 'depth', 'loss']);
  });

  it('filter by keys, which takes the run away from all charts until it is cleared', async () => {
    const { container } = shown(<CompareScreen runs={['a', 'b', 'c']} />);
    await table();
    const axis = () => container.querySelectorAll<SVGElement>('.jmo-axis-name')[0];
    axis().focus();
    await userEvent.keyboard('{ArrowUp}');
    expect(axis().getAttribute('aria-label')).toBe('depth, from 2.3 to 8');
    expect(container.querySelectorAll('.jmo-line.jmo-out')).toHaveLength(1);
    expect(container.querySelectorAll('.jmo-point')).toHaveLength(2);
    await userEvent.click(screen.getByRole('button', { name: '2 of 3 runs · clear' }));
    expect(container.querySelectorAll('.jmo-point')).toHaveLength(3);
  });

  it('filter by dragging along an axis', async () => {
    const { container } = shown(<CompareScreen runs={['a', 'b', 'c']} />);
    await table();
    const grip = container.querySelector('.jmo-axis-grip') as SVGElement;
    Object.assign(grip, { setPointerCapture: () => undefined });
    fireEvent.pointerDown(grip, { clientY: 26, pointerId: 1 });
    fireEvent.pointerMove(grip, { clientY: 60, pointerId: 1 });
    fireEvent.pointerUp(grip, { clientY: 60, pointerId: 1 });
    expect(container.querySelectorAll('.jmo-line.jmo-out')).toHaveLength(2);
  });

  it('switch an axis to a logarithm and back', async () => {
    const { container } = shown(<CompareScreen runs={['a', 'b']} />);
    await table();
    container.querySelector<SVGElement>('.jmo-axis-name')?.focus();
    await userEvent.keyboard('l');
    expect(container.querySelector('.jmo-axis-log')).toBeTruthy();
    await userEvent.keyboard('l');
    expect(container.querySelector('.jmo-axis-log')).toBeNull();
  });

  it('let axes be left out', async () => {
    const { container } = shown(<CompareScreen runs={['a', 'b']} />);
    await table();
    await userEvent.click(screen.getByRole('button', { name: 'Choose axes' }));
    await userEvent.click(screen.getByRole('menuitemcheckbox', { name: 'loss' }));
    expect(names(container)).toEqual(['depth', 'accuracy']);
  });
});

describe('the panel beside the table of runs', () => {
  it('shows charts, and other runs in grey behind the chosen ones', async () => {
    const { container } = shown(<ComparePanel runs={['a', 'b']} others={ROWS} />);
    expect(await screen.findByRole('heading', { name: 'loss' })).toBeTruthy();
    const colors = [...container.querySelectorAll<SVGPathElement>('.jmo-line > path:first-child')].map(path => path.style.stroke);
    expect(colors[0]).toBe('var(--jmo-border-strong)');
    expect(new Set(colors).size).toBe(3);
  });

  it('asks for a choice when there is none', async () => {
    shown(<ComparePanel runs={[]} />);
    expect(await screen.findByText('No run is chosen')).toBeTruthy();
  });
});

describe('a sweep', () => {
  const step = (name: string, depth: number, auc: number | null, more: Partial<IStepLine> = {}): IStepLine => ({
    ...{ name, state: 'completed', reason: '', run: `run-${name}`, function: 'train', started: 1, ended: 2, seconds: 1.5 },
    ...{ results: auc === null ? {} : { auc }, params: { depth }, items: null, progress: null, error: null, best: false },
    ...more
  });
  const detail = (steps: IStepLine[], select: string | null = 'max:auc') =>
    ({ steps, sweep: { select, params: ['depth'], best: null } }) as unknown as IRunDetail;
  const order = async () => {
    const found = within(await screen.findByRole('region', { name: 'Table of iterations' })).getAllByRole('rowheader');
    return found.map(cell => cell.textContent);
  };

  it('ranks its iterations, those without a result last', async () => {
    const steps = [step('0', 2, 0.7), step('1', 4, null, { state: 'error' }), step('2', 8, 0.9, { best: true })];
    shown(<SweepPanel run="s" />, new MemoryBackend({ 'runs.get': detail(steps) }));
    expect(await order()).toEqual(['#2', '#0', '#1']);
    expect(screen.getByRole('img', { name: 'best' })).toBeTruthy();
  });

  it('ranks the lowest first when it selects that', async () => {
    const steps = [step('0', 2, 0.7), step('1', 8, 0.9), step('2', 8, 0.5)];
    shown(<SweepPanel run="s" />, new MemoryBackend({ 'runs.get': detail(steps, 'min:auc') }));
    expect(await order()).toEqual(['#2', '#0', '#1']);
  });

  it('keeps their order without a selection', async () => {
    const steps = [step('0', 2, 0.7), step('1', 8, 0.9)];
    shown(<SweepPanel run="s" />, new MemoryBackend({ 'runs.get': detail(steps, null) }));
    expect(await order()).toEqual(['#0', '#1']);
  });

  it('grows while it runs', async () => {
    let steps = [step('0', 2, 0.7)];
    const { backend } = shown(<SweepPanel run="s" />, new MemoryBackend({ 'runs.get': () => detail(steps) }));
    expect(await order()).toEqual(['#0']);
    steps = [...steps, step('1', 4, 0.8)];
    act(() => backend.happen({ type: 'step', run: 's', step: steps[1] }));
    await waitFor(async () => expect(await order()).toEqual(['#1', '#0']));
  });

  it('opens an iteration', async () => {
    const { host } = shown(<SweepPanel run="s" />, new MemoryBackend({ 'runs.get': detail([step('0', 2, 0.7)]) }));
    await userEvent.click(await screen.findByRole('button', { name: '#0' }));
    expect(host.asked).toEqual([['openRun', 'run-0']]);
  });

  it('says so before the first iteration', async () => {
    shown(<SweepPanel run="s" />, new MemoryBackend({ 'runs.get': detail([]) }));
    expect(await screen.findByText('No iteration yet')).toBeTruthy();
  });

  it('has no fault that axe finds', async () => {
    const steps = [step('0', 2, 0.7), step('1', 4, 0.8)];
    const { container } = shown(<SweepPanel run="s" />, new MemoryBackend({ 'runs.get': detail(steps) }));
    await order();
    const { violations } = await axe.run(container, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
    });
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
});

describe('names', () => {
  it('tell runs apart that are called the same', () => {
    const named = distinctNames([
      { id: '20261124-083512-k3v9x2ab', name: 'train' },
      { id: '20261124-083513-q3v9x2zz', name: 'train' },
      { id: 'x', name: 'other' }
    ]);
    expect([...named.values()]).toEqual(['train k3v9x2ab', 'train q3v9x2zz', 'other']);
  });

  it('are numbers for iterations of a sweep', () => {
    const named = distinctNames([0, 1].map(iteration => ({ id: `run-${iteration}`, name: 'train', iteration })));
    expect([...named.values()]).toEqual(['train #0', 'train #1']);
  });
});
