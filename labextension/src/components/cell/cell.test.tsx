import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../model/backend';
import { stateIn } from '../../model/panel/frame';
import type { IPlace } from '../../model/panel/trail';
import { SnapshotBackend } from '../../model/snapshot';
import { MemoryBackend } from '../../testing/backend';
import { aRun } from '../../testing/editor';
import { CellApp, type ICellProps } from './CellApp';
import { Dialogs } from './dialogs';
import { CellHost } from './host';
import type { IArtifactGroup } from '../../model/contract';

const latest = {
  ...{ uid: 'u1', key: 'train', size: 1, hash: 'ab', type: 'pandas.DataFrame', created: 1, run: 'r1', function: 'prepare' }
};
const group: IArtifactGroup = {
  ...{ key: 'train', kind: 'dataset', versions: 1, tags: ['latest'] },
  latest: { ...latest, kind: 'dataset', tags: ['latest'], uri: 'store://dataset/churn/train' }
};

function show(place: IPlace, more: Partial<ICellProps> = {}) {
  const places: IPlace[] = [];
  const backend = new MemoryBackend({ 'artifacts.list': { groups: [group] }, 'workflows.list': { workflows: [] } });
  const cell = (at: IPlace) => <CellApp backend={backend} place={at} onPlace={now => places.push(now)} {...more} />;
  const view = render(cell(place));
  return { ...view, places, lead: (to: IPlace) => view.rerender(cell(to)) };
}

const ARTIFACTS: IPlace = { view: 'artifacts', target: [] };

describe('a panel in a cell', () => {
  it('walks inside itself, and says where it is', async () => {
    const { places } = show(ARTIFACTS);
    await userEvent.click(await screen.findByRole('button', { name: 'train' }));
    await waitFor(() => expect(places.at(-1)).toEqual({ view: 'artifact', target: ['u1'] }));
    await userEvent.click(screen.getByRole('button', { name: 'Back' }));
    expect(await screen.findByRole('button', { name: 'train' })).toBeTruthy();
    expect(places.at(-1)).toEqual(ARTIFACTS);
    await userEvent.click(screen.getByRole('button', { name: 'Forward' }));
    expect(places.at(-1)).toEqual({ view: 'artifact', target: ['u1'] });
  });

  it('goes where Python says, and doesn’t say that back as news', async () => {
    const { lead, places } = show(ARTIFACTS);
    await screen.findByRole('button', { name: 'train' });
    lead({ view: 'artifact', target: ['u9'] });
    await waitFor(() => expect(places.at(-1)).toEqual({ view: 'artifact', target: ['u9'] }));
    expect(screen.getByText('Artifact u9')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Back' }));
    expect(places).toEqual([ARTIFACTS, { view: 'artifact', target: ['u9'] }, ARTIFACTS]);
  });

  it('keeps the notebook’s keys from what has the focus in it', async () => {
    show(ARTIFACTS);
    const name = await screen.findByRole('button', { name: 'train' });
    name.focus();
    expect(name.getAttribute('data-lm-suppress-shortcuts')).toBe('true');
    const back = screen.getByRole('button', { name: /churn/ });
    back.focus();
    expect(back.getAttribute('data-lm-suppress-shortcuts')).toBe('true');
  });

  it('says from when a snapshot is, and offers what is live', async () => {
    let asked = 0;
    show(ARTIFACTS, { saved: '15 min ago', onLive: () => (asked += 1) });
    expect(await screen.findByText('Snapshot, 15 min ago')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Show live' }));
    expect(asked).toBe(1);
  });

  it('says how a snapshot that can’t be live from here comes alive', async () => {
    show(ARTIFACTS, { saved: '15 min ago' });
    expect(await screen.findByText(/run the cell to show it live/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Show live' })).toBeNull();
  });

  it('offers nothing in a snapshot that would change something', async () => {
    const run = { ...aRun('r1', { state: 'error', tags: { env: 'prod' } }), resumable: true };
    const lists = {
      steps: [],
      cells: [],
      artifacts: [],
      inputs: [],
      metrics: [],
      environment: {},
      git: {},
      usage: {},
      values: {}
    };
    const rows = { total: 1, rows: [run], columns: { params: [], results: [], tags: [], metrics: [] }, offset: 0 };
    const text = JSON.stringify({ 'runs.get': { ...run, ...lists, error: null }, 'runs.list': rows });
    const names = () => screen.getAllByRole('button').map(button => button.getAttribute('aria-label') ?? button.textContent);
    const changes = /re-run|resume|abort|delete|tag|save/i;
    const { rerender } = render(
      <CellApp backend={new SnapshotBackend('churn', text, 'now')} place={{ view: 'run', target: ['r1'] }} saved="now" />
    );
    expect(await screen.findByText('env=prod')).toBeTruthy();
    expect(names().filter(name => name?.match(changes))).toEqual([]);
    await userEvent.click(screen.getByRole('button', { name: 'More' }));
    expect(screen.getAllByRole('menuitem').map(item => item.textContent)).toEqual(['Copy id']);
    rerender(<CellApp backend={new SnapshotBackend('churn', text, 'now')} place={{ view: 'runs', target: [] }} saved="now" />);
    await userEvent.click(await screen.findByRole('button', { name: 'Views' }, { timeout: 10_000 }));
    expect(names().filter(name => name?.match(changes))).toEqual([]);
  });

  const MINE = 'name: nightly\n# mine\nsteps: {}\n';
  const NIGHTLY = { view: 'workflow' as const, target: ['nightly'] };
  const stored = (name: string, etag: string) => ({ name, yaml: `name: ${name}\nsteps: {}\n`, python: null, problems: [], etag });
  const storing = () =>
    new MemoryBackend({ 'workflows.get': ({ name }) => stored(name, '2'), 'workflows.list': { workflows: [] } });

  it('puts back a draft that Python kept, and marks it as not saved', async () => {
    const draft = { draft: MINE, workflow: null, etag: null };
    const { container } = render(<CellApp backend={storing()} place={NIGHTLY} draft={draft} />);
    await waitFor(() => expect(stateIn(container)).toEqual({ place: NIGHTLY, draft: MINE, etag: '2' }));
  });

  it('puts a draft back as made from what it was made from, so that saving asks where the file changed since', async () => {
    const draft = { draft: MINE, workflow: 'nightly', etag: '1' };
    const { container } = render(<CellApp backend={storing()} place={NIGHTLY} draft={draft} />);
    await waitFor(() => expect(stateIn(container)).toEqual({ place: NIGHTLY, draft: MINE, etag: '1' }));
  });

  it('puts a draft into no other workflow', async () => {
    const draft = { draft: MINE, workflow: 'nightly', etag: '1' };
    const place = { view: 'workflow' as const, target: ['weekly'] };
    const { container } = render(<CellApp backend={storing()} place={place} draft={draft} />);
    await screen.findByText('No steps yet', undefined, { timeout: 10_000 });
    expect(stateIn(container)?.draft).toBe('');
  });

  it('goes on with what a panel before it left unsaved, and asks before that replaces what came meanwhile', async () => {
    const forms = { name: 'nightly', yaml: 'name: nightly\nsteps: {}\n', python: null, problems: [], etag: '2' };
    const etags: unknown[] = [];
    const backend = new MemoryBackend({
      'workflows.get': forms,
      'workflows.list': { workflows: [] },
      'workflows.save': args => {
        etags.push(args.etag);
        throw new Refusal({ message: 'changed meanwhile', kind: 'ConflictError', status: 409 });
      }
    });
    const left = { draft: 'name: nightly\n# mine\nsteps: {}\n', etag: '1' };
    const take = () => left;
    const { container } = render(<CellApp backend={backend} place={{ view: 'workflow', target: ['nightly'] }} take={take} />);
    expect(await screen.findByText(/goes on with the changes that weren’t saved/)).toBeTruthy();
    await waitFor(() => expect(stateIn(container)?.draft).toBe(left.draft));
    await userEvent.click(await screen.findByRole('button', { name: 'Unsaved' }, { timeout: 10_000 }));
    expect(await screen.findByRole('dialog', { name: 'Replace “nightly”?' })).toBeTruthy();
    expect(etags).toEqual(['1']);
  });
});

describe('questions and notes in a cell', () => {
  const host = () => new CellHost({ go: () => undefined, chosen: () => undefined });

  it('confirm what can’t be taken back with the focus on the way out', async () => {
    const asking = host();
    render(<Dialogs host={asking} />);
    const answer = asking.confirm({ title: 'Delete?', body: '<b>it</b>', accept: 'Delete', danger: true });
    const dialog = await screen.findByRole('dialog', { name: 'Delete?' });
    expect(document.activeElement?.textContent).toBe('Cancel');
    expect(within(dialog).getByText('<b>it</b>')).toBeTruthy();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Delete' }));
    expect(await answer).toBe(true);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('are cancelled with Escape, which goes no further', async () => {
    const asking = host();
    let heard = 0;
    render(
      <div onKeyDown={() => (heard += 1)}>
        <Dialogs host={asking} />
      </div>
    );
    const answer = asking.confirm({ title: 'Sure?', body: '', accept: 'Yes' });
    await screen.findByRole('dialog');
    await userEvent.keyboard('{Escape}');
    expect(await answer).toBe(false);
    expect(heard).toBe(0);
  });

  it('ask for a text until it is right, one after the other', async () => {
    const asking = host();
    render(<Dialogs host={asking} />);
    const check = (text: string) => (text === 'best' ? null : 'Choose best');
    const first = asking.ask({ title: 'Tag', label: 'Name', value: 'x', accept: 'Add', check });
    const second = asking.confirm({ title: 'Next?', body: '', accept: 'Yes' });
    await userEvent.type(await screen.findByLabelText('Name'), '{Enter}');
    expect(screen.getByText('Choose best')).toBeTruthy();
    await userEvent.clear(screen.getByLabelText('Name'));
    await userEvent.type(screen.getByLabelText('Name'), 'best{Enter}');
    expect(await first).toBe('best');
    await userEvent.click(await screen.findByRole('button', { name: 'Yes' }));
    expect(await second).toBe(true);
  });

  it('keep the focus inside while Tab goes round', async () => {
    const asking = host();
    render(<Dialogs host={asking} />);
    void asking.confirm({ title: 'Sure?', body: '', accept: 'Yes' });
    await screen.findByRole('dialog');
    for (let turn = 0; turn < 5; turn += 1) {
      await userEvent.tab();
      expect(document.activeElement?.closest('[role="dialog"]')).toBeTruthy();
    }
  });

  it('show notes as text, and let them go', async () => {
    const asking = host();
    render(<Dialogs host={asking} />);
    asking.notify('<img src=x onerror=alert(1)>', 'error');
    expect(await screen.findByText('<img src=x onerror=alert(1)>')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(screen.queryByText(/onerror/)).toBeNull();
  });
});
