import { describe, expect, it } from 'vitest';
import { MemoryBackend } from '../../testing/backend';
import { Refusal } from '../backend';
import type { IRunRow } from '../contract';
import { SnapshotBackend } from '../snapshot';
import { back, begin, forward, go, placeOf, type Stop } from './trail';
import { candidates, readView } from './view';
import { WorkflowFile } from './workflowfile';

const runs: Stop = { view: 'runs', target: [] };
const run: Stop = { view: 'run', target: ['r1'] };
const form: Stop = { view: 'form', target: ['train'] };

describe('the way through a panel', () => {
  it('leads back and forward again, and forgets the future on a turn', () => {
    let trail = go(go(begin(runs), run), { view: 'artifacts', target: [] });
    trail = back(trail);
    expect(trail.now).toEqual(run);
    expect(forward(trail).now.view).toBe('artifacts');
    expect(forward(go(trail, runs)).now).toEqual(runs);
    expect(back(back(trail)).now).toEqual(runs);
  });

  it('takes no step to where one is, and none back to a form that was sent', () => {
    expect(go(begin(run), { view: 'run', target: ['r1'] }).past).toEqual([]);
    expect(back(go(go(begin(runs), form), run)).now).toEqual(runs);
  });

  it('begins at the table of runs when a place makes no sense', () => {
    expect(placeOf('run', ['r1'])).toEqual(run);
    for (const [view, target] of [
      ['run', []],
      ['compare', ['r1']],
      ['form', ['x']],
      [7, null],
      ['__proto__', ['x']]
    ] as const) {
      expect(placeOf(view, target)).toEqual(runs);
    }
  });
});

describe('what a notebook keeps of a panel', () => {
  it('is read whatever it is', () => {
    const whole = {
      view: 'workflow',
      target: ['nightly'],
      height: 600,
      project: 'churn',
      places: ['.'],
      savedAt: 5,
      snapshot: '{}'
    };
    expect(readView(whole)).toMatchObject({ place: { view: 'workflow', target: ['nightly'] }, height: 600, savedAt: 5 });
    for (const broken of [null, 7, 'x', [], { height: 1e9, places: 'x', savedAt: 'now', snapshot: { a: 1 }, project: {} }]) {
      expect(readView(broken)).toEqual({ place: runs, height: 480, project: '', places: [], savedAt: null, snapshot: '{}' });
    }
  });

  it('names folders below the root only', () => {
    expect(candidates(['..'], 'churn/notebooks')).toEqual(['churn']);
    expect(candidates(['churn'], 'work')).toEqual(['work/churn', 'churn']);
    expect(candidates(['.'], '')).toEqual(['']);
    expect(candidates(['../../..', '/etc', 'c:/x', 'a\\b', 'a\0b', '..'], 'a')).toEqual(['']);
  });
});

describe('a snapshot', () => {
  const row = (id: string, parent: string | null = null) => ({ id, parent }) as IRunRow;
  const columns = { params: [], results: [], tags: [], metrics: [] };
  const text = JSON.stringify({
    'runs.list': { total: 10000, rows: [row('a'), row('b')], columns, offset: 0 },
    'runs.get': { id: 'a', name: 'train' }
  });
  const snapshot = new SnapshotBackend('churn', text, '5 min ago');

  it('answers from what it has, and counts what it has', async () => {
    expect(await snapshot.call('runs.list', {})).toMatchObject({ total: 2, offset: 0 });
    expect((await snapshot.call('runs.list', { offset: 1, limit: 5 })).rows).toHaveLength(1);
    expect((await snapshot.call('runs.list', { parent: 'a' })).rows).toEqual([]);
    expect(await snapshot.call('runs.get', { run: 'a' })).toMatchObject({ name: 'train' });
    expect(await snapshot.call('views.list', {})).toEqual({ views: [] });
  });

  it('knows its workflow in both languages, and no other text', async () => {
    const forms = { name: 'nightly', yaml: 'name: nightly\n', python: 'raw()', problems: [], etag: '1' };
    const kept = new SnapshotBackend('churn', JSON.stringify({ 'workflows.get': forms }), 'now');
    expect(await kept.call('workflows.check', { name: 'nightly', yaml: forms.yaml })).toEqual(forms);
    await expect(kept.call('workflows.check', { name: 'nightly', yaml: 'name: other\n' })).rejects.toThrow(/snapshot/);
  });

  it('never says that there is nothing where it only kept nothing', async () => {
    await expect(snapshot.call('runs.log', { run: 'a' })).rejects.toThrow(/snapshot/);
    await expect(snapshot.call('artifacts.list', {})).rejects.toThrow(/snapshot/);
  });

  it('refuses the rest, and says what to do', async () => {
    await expect(snapshot.call('runs.get', { run: 'b' })).rejects.toThrow(/snapshot of 5 min ago. Run the cell again/);
    await expect(snapshot.call('runs.delete', { run: 'a' })).rejects.toBeInstanceOf(Refusal);
  });

  it('is empty when it can’t be read', () => {
    for (const broken of ['', '[]', 'null', '{"a":', '7']) {
      expect(new SnapshotBackend('churn', broken, 'now').empty).toBe(true);
    }
  });
});

describe('a workflow’s file without Lab’s documents', () => {
  const forms = (yaml: string, etag: string) => ({ name: 'nightly', yaml, python: null, problems: [], etag });
  const never = async () => false;

  it('is dirty until it is saved, and knows its new hash then', async () => {
    const backend = new MemoryBackend({
      'workflows.get': forms('a', '1'),
      'workflows.save': args => forms(args.yaml, '2')
    });
    const file = await WorkflowFile.open(backend, 'nightly', never);
    let heard = 0;
    file.onChange(() => (heard += 1));
    file.edit('b');
    expect([file.text, file.dirty, heard]).toEqual(['b', true, 1]);
    await file.save();
    expect([file.text, file.dirty]).toEqual(['b', false]);
    file.edit('c');
    await file.save();
    expect(backend.of('workflows.save').map(args => args.etag)).toEqual(['1', '2']);
  });

  it('stays dirty when it was edited while it was saved', async () => {
    let finish = (): void => undefined;
    const slow = new Promise<void>(resolve => (finish = resolve));
    const backend = new MemoryBackend({
      'workflows.get': forms('a', '1'),
      'workflows.save': async args => (await slow, forms(args.yaml, '2'))
    });
    const file = await WorkflowFile.open(backend, 'nightly', never);
    file.edit('b');
    const saving = file.save();
    file.edit('bc');
    finish();
    await saving;
    expect([file.text, file.dirty]).toEqual(['bc', true]);
  });

  const conflict = (args: { yaml: string; etag?: string | null }) => {
    if (args.etag !== undefined) {
      throw new Refusal({ message: 'changed meanwhile', kind: 'ConflictError', status: 409 });
    }
    return forms(args.yaml, '3');
  };

  it('replaces what came from outside only when it was asked, and keeps the edit otherwise', async () => {
    const answers = { 'workflows.get': forms('a', '1'), 'workflows.save': conflict };
    const careful = await WorkflowFile.open(new MemoryBackend(answers), 'nightly', never);
    careful.edit('b');
    await expect(careful.save()).rejects.toThrow('changed meanwhile');
    expect([careful.text, careful.dirty]).toEqual(['b', true]);
    const bold = await WorkflowFile.open(new MemoryBackend(answers), 'nightly', async () => true);
    bold.edit('b');
    await bold.save();
    expect(bold.dirty).toBe(false);
  });

  it('takes over what changed outside, but never over an edit', async () => {
    let stored = forms('a', '1');
    const backend = new MemoryBackend({ 'workflows.get': () => stored });
    const file = await WorkflowFile.open(backend, 'nightly', never);
    const outside = async (yaml: string, etag: string) => {
      stored = forms(yaml, etag);
      backend.happen({ type: 'changed', what: 'workflows', name: 'nightly' });
      await new Promise(resolve => setTimeout(resolve));
    };
    await outside('b', '2');
    expect(file.text).toBe('b');
    file.edit('mine');
    await outside('c', '3');
    expect([file.text, file.dirty]).toEqual(['mine', true]);
    file.dispose();
    const asked = backend.calls.length;
    await outside('d', '4');
    expect(backend.calls).toHaveLength(asked);
  });
});
