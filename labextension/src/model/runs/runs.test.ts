import { describe, expect, it } from 'vitest';
import { MemoryBackend } from '../../testing/backend';
import { listOf, runDetail, runRow } from '../../testing/runs';
import { arranged, AS_USUAL, everyColumn, lessIsBetter, move, numeric, pin, prefer, resize, show, usualColumns } from './columns';
import { csv } from './csv';
import { diffLines, patchDetail } from './detail';
import { RunList, WINDOW } from './list';
import { extend, NONE, toggle } from './selection';
import { asView, differs, fromView, NEWEST, remember, remembered, type ISettings } from './views';

const known = { results: ['accuracy', 'loss'], params: ['depth'], tags: ['stage'], metrics: [] };
const every = everyColumn(known);
const row = runRow('1', { results: { accuracy: 0.9 }, params: { depth: 3 } });
const usual = usualColumns(every, [row]);

describe('columns', () => {
  it('show what the runs at hand have, unless somebody chose', () => {
    expect(usual).toEqual(['name', 'state', 'created', 'duration', 'results.accuracy', 'params.depth']);
    const state = show(AS_USUAL, usual, 'results.loss');
    expect(arranged(every, state, usual).map(({ id }) => id)).toEqual([...usual, 'results.loss']);
    expect(arranged(every, show(state, usual, 'state'), usual).map(({ id }) => id)).not.toContain('state');
    expect(show(state, usual, 'name')).toBe(state);
  });

  it('move, and cross the border of the pinned ones', () => {
    const state = move(AS_USUAL, usual, 'params.depth', 'state');
    expect(
      arranged(every, state, usual)
        .map(({ id }) => id)
        .slice(0, 3)
    ).toEqual(['name', 'params.depth', 'state']);
    expect(move(AS_USUAL, usual, 'state', 'name').pinned).toEqual(['name', 'state']);
    expect(
      arranged(every, pin(AS_USUAL, 'params.depth'), usual)
        .map(({ id }) => id)
        .slice(0, 2)
    ).toEqual(['name', 'params.depth']);
  });

  it('have a least and a greatest width', () => {
    expect(resize(AS_USUAL, 'name', 3).widths.name).toBe(56);
    expect(arranged(every, resize(AS_USUAL, 'name', 300), usual)[0].width).toBe(300);
  });

  it('know which way is better by their name, until somebody says', () => {
    const [loss] = every.filter(({ key }) => key === 'loss');
    expect(lessIsBetter(AS_USUAL, loss)).toBe(true);
    expect(lessIsBetter(prefer(AS_USUAL, loss.id, false), loss)).toBe(false);
  });

  it('stand at the right when they hold numbers only', () => {
    expect(numeric(every, [row, runRow('2', { params: { depth: 'auto' } })])).toEqual(['results.accuracy', 'results.loss']);
  });

  it('that are gone are left out', () => {
    expect(arranged(every, { ...AS_USUAL, shown: ['name', 'results.gone'] }, usual).map(({ id }) => id)).toEqual(['name']);
  });
});

describe('a list of runs', () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => runRow(String(count - at)));
  const question = { query: '', sort: 'created', descending: true, parent: null };

  it('reads only the windows that are looked at, each once', async () => {
    const backend = new MemoryBackend({ 'runs.list': listOf(many(1000)) });
    const list = new RunList(backend, question);
    list.want(0, 1);
    await settled();
    list.want(0, 30);
    list.want(590, 610);
    list.want(590, 610);
    await settled();
    expect(backend.of('runs.list').map(({ offset }) => offset)).toEqual([0, 400, 600]);
    expect(list.row(605)?.id).toBe('395');
    expect(list.row(WINDOW)).toBeUndefined();
    expect(list.total).toBe(1000);
  });

  it('puts a changed row in its place, without asking', async () => {
    const backend = new MemoryBackend({ 'runs.list': listOf(many(3)) });
    const list = new RunList(backend, question);
    list.want(0, 1);
    await settled();
    expect(list.patch(runRow('2', { state: 'error', results: { score: 1 } }))).toBe(true);
    expect(list.patch(runRow('9'))).toBe(false);
    expect(list.row(1)?.state).toBe('error');
    expect(list.columns.results).toEqual(['score']);
    expect(backend.calls).toHaveLength(1);
  });

  it('lets new runs appear above the others, which keep their rows', async () => {
    const rows = many(300);
    const backend = new MemoryBackend({ 'runs.list': listOf(rows) });
    const list = new RunList(backend, question);
    list.want(0, 300);
    await settled();
    list.want(0, 300);
    await settled();
    rows.unshift(runRow('302'), runRow('301'));
    await list.grow();
    expect([0, 1, 2, 301].map(at => list.row(at)?.id)).toEqual(['302', '301', '300', '1']);
    expect(list.total).toBe(302);
  });

  it('only counts new runs when asked to look', async () => {
    const rows = many(3);
    const backend = new MemoryBackend({ 'runs.list': listOf(rows) });
    const list = new RunList(backend, question);
    list.want(0, 1);
    await settled();
    rows.unshift(runRow('4'));
    await list.probe();
    expect([list.fresh, list.total, list.row(0)?.id]).toEqual([1, 3, '3']);
    await list.refresh();
    expect([list.fresh, list.total, list.row(0)?.id]).toEqual([0, 4, '4']);
  });

  it('forgets an answer that was overtaken by a removal', async () => {
    const rows = many(3);
    const backend = new MemoryBackend({ 'runs.list': listOf(rows) });
    const list = new RunList(backend, question);
    list.want(0, 1);
    await settled();
    const late = list.grow();
    list.remove('2');
    await late;
    expect([list.total, list.row(1)?.id]).toEqual([2, '1']);
  });

  it('says why it has no rows', async () => {
    const list = new RunList(new MemoryBackend(), question);
    list.want(0, 1);
    await settled();
    expect(list.error?.message).toMatch('no answer');
  });
});

it('a choice with Shift takes what lies between, each once, in order', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(id => runRow(id));
  const chosen = extend(toggle(NONE, b), [a, b, c]);
  expect(chosen.rows.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
  expect(toggle(chosen, a).rows.map(({ id }) => id)).toEqual(['b', 'c']);
});

it('CSV quotes what needs it, and no cell is a formula', () => {
  const text = csv([runRow('1', { name: '=HYPERLINK("x")', params: { 'a,b': 'one\ntwo', n: -3 } })]);
  const [head, ...lines] = text.split('\r\n');
  expect(head).toContain('"params.a,b",params.n');
  expect(lines.join('\r\n')).toContain(`"'=HYPERLINK(""x"")"`);
  expect(lines.join('\r\n')).toContain('"one\ntwo",-3');
});

describe('saved views', () => {
  const settings: ISettings = { query: 'a = 1', sort: NEWEST, group: 'state', columns: AS_USUAL };

  it('come back as they were, and tell when they were changed', () => {
    const view = asView('errors', settings);
    const found = fromView(view, { ...settings, query: '', group: 'tree' });
    expect(found).toEqual(settings);
    expect(differs(view, found)).toBe(false);
    expect(differs(view, { ...found, query: 'a = 2' })).toBe(true);
  });

  it('of a group that there is no more show runs under their parent', () => {
    expect(fromView({ ...asView('x', settings), group: 'gone' }, settings).group).toBe('tree');
  });

  it('columns are remembered a project, and nonsense is as usual', () => {
    const kept = new Map<string, string>();
    const shelf = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text)
    };
    const state = pin(AS_USUAL, 'state');
    remember(shelf, 'churn', state);
    expect(remembered(shelf, 'churn')).toEqual(state);
    expect(remembered(shelf, 'other')).toEqual(AS_USUAL);
    kept.set('jupyter-mlops:runs:other', '{"shown": 3}');
    expect(remembered(shelf, 'other')).toEqual(AS_USUAL);
  });
});

describe('a run in full', () => {
  const cell = { index: 0, state: 'running', seconds: null, source: 'x = 1' };
  it('is changed by the events of its own', () => {
    const run = patchDetail(runDetail('1'), { type: 'cell', run: '1', cell });
    expect(patchDetail(run, { type: 'cell', run: '1', cell: { ...cell, state: 'completed' } }).cells).toHaveLength(1);
    expect(patchDetail(run, { type: 'run', run: runRow('1', { state: 'error' }) }).state).toBe('error');
    expect(patchDetail(run, { type: 'run', run: runRow('2', { state: 'error' }) })).toBe(run);
  });

  it('has its changed lines numbered as before and after', () => {
    const lines = diffLines(['@@ -3,2 +3,2 @@', ' same', '-old', '+new']);
    expect(lines.map(({ kind, before, after }) => [kind, before, after])).toEqual([
      ['place', null, null],
      ['same', 3, 3],
      ['removed', 4, null],
      ['added', null, 4]
    ]);
  });
});

const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve));
