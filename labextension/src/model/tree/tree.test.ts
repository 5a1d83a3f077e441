import { describe, expect, it, vi } from 'vitest';
import type { Args, IArtifactGroup, IArtifactRow, IFunction, IRunRow, IWorkflowRef } from '../contract';
import { MemoryBackend } from '../../testing/backend';
import { functionKind } from './kind';
import { runLabel } from './nodes';
import { telling } from './telling';
import { functionsAfter, workflowsAfter } from './live';
import { opensByItself, rows, type INode, type ITreeData } from './nodes';
import { RunList } from './runlist';
import { typeAhead, walk } from './walk';
import { visible } from './window';

const run = (id: string, more: Partial<IRunRow> = {}): IRunRow => ({
  ...{ id, name: 'train', function: 'train', workflow: null, step: null, iteration: null, parent: null, state: 'completed' },
  ...{ reason: '', created: 1, started: 1, ended: 2, duration: 1, version: null, user: '', host: '', origin: '' },
  ...{ params: {}, results: {}, tags: {}, children: 0, best: false },
  ...more
});
const fn = (name: string, more: Partial<IFunction> = {}): IFunction => ({
  ...{ name, version: '1', description: '', parameters: [], inputs: [], returns: [], runtime: {}, runs: 0, latest: null },
  ...more
});
const artifact = (key: string, uid = key): IArtifactRow => ({
  ...{ uid, key, kind: 'dataset', size: 1, hash: '', type: '', created: 1, run: null, function: null, tags: [], uri: '' }
});
const group = (key: string, versions = 1, kind: IArtifactGroup['kind'] = 'dataset'): IArtifactGroup => ({
  ...{ key, kind, versions, tags: [], latest: { ...artifact(key), kind } }
});
const workflow = (name: string, more: Partial<IWorkflowRef> = {}): IWorkflowRef => ({
  ...{ name, description: '', steps: 3, contents: null, latest: null },
  ...more
});

function data(more: Partial<ITreeData> = {}): ITreeData {
  return {
    workflows: { rows: [workflow('nightly')], error: null },
    functions: { rows: [fn('prepare'), fn('train')], error: null },
    runs: { rows: [run('r2', { children: 2 }), run('r1')], error: null, total: 40 },
    artifacts: { rows: [group('table_a', 2), group('fit', 1, 'model')], error: null },
    children: new Map(),
    versions: new Map(),
    ...more
  };
}
const ids = (nodes: INode[]) => nodes.map(({ id }) => id);

describe('the rows of the tree', () => {
  it('are the sections with what is in them', () => {
    expect(ids(rows(data(), opensByItself, ''))).toEqual([
      ...['section:workflows', 'workflow:nightly', 'section:functions', 'function:prepare', 'function:train'],
      ...['section:runs', 'run:r2', 'run:r1', 'more:runs'],
      ...['section:artifacts', 'kind:dataset', 'artifact:dataset/table_a', 'kind:model', 'artifact:model/fit']
    ]);
  });

  it('leave out what is in a section that was closed', () => {
    const found = ids(rows(data(), id => id !== 'section:runs' && opensByItself(id), ''));
    expect(found).toContain('section:runs');
    expect(found).not.toContain('run:r1');
  });

  it('show the children of a run that was opened, a level deeper', () => {
    const children = new Map([['r2', { rows: [run('s1', { parent: 'r2', step: 'raw' })], error: null }]]);
    const found = rows(data({ children }), id => id === 'run:r2' || opensByItself(id), '');
    expect(found.find(({ id }) => id === 'run:s1')).toMatchObject({ level: 3, label: 'raw' });
  });

  it('say that children are on their way, and why they could not be had', () => {
    const opened = (id: string) => id === 'run:r2' || opensByItself(id);
    expect(ids(rows(data(), opened, ''))).toContain('note:r2');
    const children = new Map([['r2', { rows: null, error: new Error('gone') }]]);
    const problem = rows(data({ children }), opened, '').find(({ id }) => id === 'problem:r2');
    expect(problem?.item).toMatchObject({ type: 'problem', error: new Error('gone') });
  });

  it('show the versions of an artifact that was opened', () => {
    const versions = new Map([
      ['artifact:dataset/table_a', { rows: [artifact('table_a', 'v2'), artifact('table_a', 'v1')], error: null }]
    ]);
    const found = rows(data({ versions }), id => id.startsWith('artifact:') || opensByItself(id), '');
    expect(ids(found)).toEqual(expect.arrayContaining(['version:v2', 'version:v1']));
  });

  it('are only those that fit a search, in sections that are open', () => {
    const found = ids(rows(data(), () => false, 'TRAI'));
    expect(found).toContain('function:train');
    expect(found).not.toContain('function:prepare');
  });

  it('say where nothing fits, and where nothing is', () => {
    const empty = data({ functions: { rows: [], error: null } });
    const why = (nodes: INode[]) => nodes.find(({ id }) => id === 'note:functions')?.item;
    expect(why(rows(empty, opensByItself, ''))).toMatchObject({ why: 'nothing' });
    expect(why(rows(data(), opensByItself, 'zzz'))).toMatchObject({ why: 'nothing fits' });
  });

  it('have no ids twice', () => {
    const found = ids(rows(data(), () => true, ''));
    expect(new Set(found).size).toBe(found.length);
  });
});

describe('walking by keyboard', () => {
  const nodes = rows(data(), opensByItself, '');

  it('goes down and up, and stops at the ends', () => {
    expect(walk(nodes, 'section:workflows', 'ArrowDown')).toEqual({ type: 'focus', id: 'workflow:nightly' });
    expect(walk(nodes, 'section:workflows', 'ArrowUp')).toEqual({ type: 'focus', id: 'section:workflows' });
    expect(walk(nodes, 'section:workflows', 'End')).toEqual({ type: 'focus', id: 'artifact:model/fit' });
    expect(walk(nodes, 'artifact:model/fit', 'ArrowDown')).toEqual({ type: 'focus', id: 'artifact:model/fit' });
    expect(walk(nodes, 'artifact:model/fit', 'Home')).toEqual({ type: 'focus', id: 'section:workflows' });
  });

  it('opens with the right arrow, then goes inside', () => {
    expect(walk(nodes, 'run:r2', 'ArrowRight')).toEqual({ type: 'expand', id: 'run:r2' });
    expect(walk(nodes, 'section:runs', 'ArrowRight')).toEqual({ type: 'focus', id: 'run:r2' });
    expect(walk(nodes, 'run:r1', 'ArrowRight')).toBeNull();
  });

  it('closes with the left arrow, or goes to what it is in', () => {
    expect(walk(nodes, 'section:runs', 'ArrowLeft')).toEqual({ type: 'collapse', id: 'section:runs' });
    expect(walk(nodes, 'run:r1', 'ArrowLeft')).toEqual({ type: 'focus', id: 'section:runs' });
    expect(walk(nodes, 'artifact:model/fit', 'ArrowLeft')).toEqual({ type: 'focus', id: 'kind:model' });
  });

  it('opens what is active with Enter', () => {
    expect(walk(nodes, 'run:r1', 'Enter')).toEqual({ type: 'open', id: 'run:r1' });
  });

  it('finds by the first letters, and the next with the same letter again', () => {
    expect(typeAhead(nodes, 'section:workflows', 'pr')).toBe('function:prepare');
    const names = ['function:train', 'run:r2', 'run:r1'];
    expect(typeAhead(nodes, 'function:prepare', 't')).toBe(names[0]);
    expect(typeAhead(nodes, names[0], 'tt')).toBe(names[1]);
    expect(typeAhead(nodes, names[1], 'ttt')).toBe(names[2]);
    expect(typeAhead(nodes, null, 'q')).toBeNull();
  });
});

describe('what is drawn of a long list', () => {
  it('is a part around what is seen, with the space of the rest', () => {
    const heights = Array.from({ length: 10_000 }, () => 26);
    const shown = visible(heights, 130_000, 600);
    expect(shown.to - shown.from).toBeLessThan(60);
    expect(shown.before + shown.after + (shown.to - shown.from) * 26).toBe(260_000);
    expect(shown.before).toBeLessThanOrEqual(130_000);
  });

  it('is everything of a short one', () => {
    expect(visible([26, 40, 26], 0, 600)).toEqual({ from: 0, to: 3, before: 0, after: 0 });
  });
});

describe('a list of runs', () => {
  const many = Array.from({ length: 100 }, (_, index) => run(`r${String(999 - index)}`));
  const backend = (going = 1) =>
    new MemoryBackend({
      'project.get': { counts: { running: going } } as never,
      'runs.list': ({ query = '', limit = 100, offset = 0 }: Args<'runs.list'>) => {
        const fit = query.startsWith('state') ? [run('r001', { state: 'running' })] : many.filter(({ id }) => id.includes(query));
        const columns = { params: [], results: [], tags: [], metrics: [] };
        return { total: fit.length, rows: fit.slice(offset, offset + limit), columns, offset };
      }
    });

  it('begins with those that go on, however old they are', async () => {
    const list = new RunList(backend(), null);
    await list.load();
    expect(list.rows?.slice(0, 2).map(({ id }) => id)).toEqual(['r001', 'r999']);
    expect(list.rows).toHaveLength(31);
  });

  it('looks for old ones that go on only when there are some', async () => {
    const quiet = backend(0);
    await new RunList(quiet, null).load();
    expect(quiet.of('runs.list')).toHaveLength(1);
  });

  it('grows by pages', async () => {
    const list = new RunList(backend(), null);
    await list.load();
    await list.more();
    expect(list.rows!.length).toBeGreaterThan(60);
    expect(list.total).toBe(100);
  });

  it('takes in new runs, changes, and what is removed', async () => {
    const list = new RunList(backend(), null);
    await list.load();
    expect(list.hear({ type: 'run', run: run('s1', { state: 'running' }) })).toBe(true);
    expect(list.rows![0].id).toBe('s1');
    expect(list.hear({ type: 'run', run: run('s1', { state: 'error' }) })).toBe(true);
    expect(list.rows!.find(({ id }) => id === 's1')?.state).toBe('error');
    expect(list.hear({ type: 'removed', run: 's1' })).toBe(true);
    expect(list.rows!.some(({ id }) => id === 's1')).toBe(false);
    expect(list.total).toBe(100);
  });

  it("doesn't take in runs of others, nor of a search it can't judge", async () => {
    const list = new RunList(backend(), null, 'r9');
    await list.load();
    expect(list.hear({ type: 'run', run: run('new') })).toBe(false);
    expect(list.hear({ type: 'run', run: run('child', { parent: 'r999' }) })).toBe(false);
  });

  it('says what went wrong, and what was there stays', async () => {
    let broken = false;
    const answering = new MemoryBackend({
      'runs.list': () => {
        if (broken) {
          throw new Error('gone');
        }
        return { total: 1, rows: [run('a')], columns: { params: [], results: [], tags: [], metrics: [] }, offset: 0 };
      }
    });
    const list = new RunList(answering, 'p');
    const heard = vi.fn();
    list.onChange(heard);
    await list.load();
    broken = true;
    await list.load();
    expect(list.error?.message).toBe('gone');
    expect(list.rows).toHaveLength(1);
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it('has children in the order of their work', async () => {
    const unordered = [run('c', { parent: 'p', iteration: 2 }), run('b', { parent: 'p', iteration: 1 })];
    const columns = { params: [], results: [], tags: [], metrics: [] };
    const asked = new MemoryBackend({ 'runs.list': { total: 2, rows: unordered, columns, offset: 0 } });
    const list = new RunList(asked, 'p');
    await list.load();
    expect(list.rows?.map(({ id }) => id)).toEqual(['b', 'c']);
    expect(asked.of('runs.list')[0]).toMatchObject({ sort: 'created', descending: false });
  });
});

describe('what a run changes', () => {
  it('is the count and the latest run of its Function', () => {
    const before = [fn('train', { runs: 2, latest: { run: 'r1', state: 'completed', created: 1 } }), fn('other')];
    const [train, other] = functionsAfter(before, run('r2', { state: 'running' }));
    expect(train).toMatchObject({ runs: 3, latest: { run: 'r2', state: 'running' } });
    expect(other).toBe(before[1]);
    expect(functionsAfter([train], run('r2', { state: 'error' }))[0]).toMatchObject({ runs: 3, latest: { state: 'error' } });
  });

  it('is nothing when it is older than the latest', () => {
    const before = [fn('train', { runs: 2, latest: { run: 'r5', state: 'completed', created: 1 } })];
    expect(functionsAfter(before, run('r2'))).toEqual(before);
  });

  it('is the state of its workflow', () => {
    const flow = run('r9', { function: null, workflow: 'nightly', state: 'running' });
    expect(workflowsAfter([workflow('nightly')], flow)[0].latest).toMatchObject({ run: 'r9', state: 'running', done: 0 });
    expect(workflowsAfter([workflow('nightly')], { ...flow, parent: 'p' })[0].latest).toBeNull();
  });
});

describe('the sign of a Function', () => {
  it('is what it gives, a model before its data', () => {
    const returns = ['dataset', 'model', null].map(kind => ({ key: 'x', kind }));
    expect(functionKind({ returns })).toBe('model');
    expect(functionKind({ returns: [] })).toBe('function');
  });
});

describe('runs of one name', () => {
  const told = (...runs: IRunRow[]) => [...telling(runs, runLabel).values()];

  it('are told apart by the params that differ, what changes most often first', () => {
    const of = (id: string, lr: number, depth: number, seed?: number) =>
      run(id, { params: { data: 'same', lr, depth, ...(seed === undefined ? {} : { seed }) } });
    expect(told(of('a', 0.1, 3), of('b', 0.1, 5), of('c', 0.01, 3, 7))).toEqual([
      'depth 3 · lr 0.1',
      'depth 5 · lr 0.1',
      'depth 3 · lr 0.01 · seed 7'
    ]);
  });

  it('are told apart by their results when no param differs', () => {
    expect(told(run('a', { results: { accuracy: 0.91, n: 2 } }), run('b', { results: { accuracy: 0.89, n: 2 } }))).toEqual([
      'accuracy 0.91',
      'accuracy 0.89'
    ]);
  });

  it('need no telling when there is one, or nothing to tell', () => {
    expect(told(run('a', { params: { x: 1 } }), run('b', { name: 'other', params: { x: 2 } }))).toEqual([]);
    expect(told(run('a', { params: { x: 1 } }), run('b', { params: { x: 1 } }))).toEqual([]);
  });

  it('are told apart by their best when they are sweeps, and never from single runs', () => {
    const sweep = (id: string, accuracy: number) =>
      run(id, { children: 9, params: { seed: accuracy }, results: { accuracy, best_iteration: 100 * accuracy } });
    expect(told(sweep('a', 0.9), run('b', { params: { x: 1 } }), sweep('c', 0.8))).toEqual(['accuracy 0.9', 'accuracy 0.8']);
  });

  it('as iterations of one sweep are told apart, and values of any length stay short', () => {
    const of = (id: string, iteration: number, text: string) => run(id, { parent: 's', iteration, params: { text } });
    const [first] = told(of('a', 1, 'x'.repeat(10_000)), of('b', 2, 'y'));
    expect(first).toBe(`text ${'x'.repeat(23)}…`);
  });
});
