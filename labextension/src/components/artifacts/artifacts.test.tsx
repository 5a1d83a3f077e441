import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../model/backend';
import type { IArtifactDetail, IArtifactGroup, IArtifactRow, ILineage, ITextPreview } from '../../model/contract';
import type { IHost } from '../../model/host';
import { MemoryBackend, memoryHost } from '../../testing/backend';
import { Provide } from '../surroundings';
import { ArtifactScreen } from './ArtifactScreen';
import { ArtifactsScreen } from './ArtifactsScreen';
import { Lineage } from './Lineage';

const ATTACKS = [
  '<script>window.stolen = 1</script>',
  '<img src=x onerror="window.stolen = 1">',
  '"><svg onload=window.stolen=1>',
  'javascript:window.stolen=1',
  '</textarea><iframe srcdoc="<script>parent.stolen=1</script>">',
  '\u202e<b>bold</b>'
];
const ATTACK = ATTACKS.join(' ');

const ROW: IArtifactRow = {
  uid: 'u2',
  key: 'train',
  kind: 'dataset',
  size: 106280,
  hash: 'ab'.repeat(32),
  type: 'pandas.DataFrame',
  created: 2,
  run: 'r1',
  function: 'prepare',
  tags: ['latest', 'best'],
  uri: 'store://dataset/churn/train^u2'
};

function detail(more: Partial<IArtifactDetail> = {}): IArtifactDetail {
  const row = { ...ROW, tags: [...ROW.tags] };
  const versions = [row, { ...row, uid: 'u1', tags: [], created: 1 }];
  const rest = { labels: {}, meta: {}, mime: null, filename: 'train.txt', whole: true, versions, consumers: [] };
  return { ...row, ...rest, preview: 'text', ...more };
}

const NOTHING_MORE = { nulls: null, distinct: null, min: null, max: null, mean: null, histogram: null };

const text = (content: string, more: Partial<ITextPreview> = {}): ITextPreview => ({
  ...{ text: content, mime: 'text/plain', cut: false, size: content.length, encoding: 'utf-8' },
  ...more
});

const group = (key: string, more: Partial<IArtifactGroup> = {}): IArtifactGroup => ({
  ...{ key, kind: 'dataset', versions: 2, tags: ['latest'] },
  latest: { ...ROW, key, uid: `u-${key}`, tags: ['latest'] },
  ...more
});

function show(what: React.ReactNode, backend: MemoryBackend, more: Partial<IHost> = {}) {
  const host = memoryHost(more);
  const view = render(
    <Provide backend={backend} host={host}>
      {what}
    </Provide>
  );
  return { ...view, host };
}

describe('the list of artifacts', () => {
  const groups = [
    group('train'),
    group('model', { kind: 'model', tags: ['champion', 'latest'] }),
    group('plot', { kind: 'plot' })
  ];

  it('shows a row a key, and opens the newest version', async () => {
    const { host } = show(<ArtifactsScreen />, new MemoryBackend({ 'artifacts.list': { groups } }));
    await userEvent.click(await screen.findByRole('button', { name: 'model' }));
    expect(host.asked).toEqual([['openArtifact', 'u-model']]);
    expect(screen.getByText('champion')).toBeTruthy();
  });

  it('is narrowed by kind and by words, and says when nothing is left', async () => {
    show(<ArtifactsScreen />, new MemoryBackend({ 'artifacts.list': { groups } }));
    await userEvent.click(await screen.findByRole('button', { name: /Model/ }));
    expect(screen.getAllByRole('row')).toHaveLength(2);
    await userEvent.type(screen.getByRole('searchbox'), 'train');
    expect(screen.getByText('Nothing found')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Show all artifacts' }));
    expect(screen.getAllByRole('row')).toHaveLength(4);
  });

  it('is walked with the arrow keys', async () => {
    const { host } = show(<ArtifactsScreen />, new MemoryBackend({ 'artifacts.list': { groups } }));
    const first = await screen.findByRole('button', { name: 'model' });
    first.focus();
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{Enter}');
    expect(host.asked).toEqual([['openArtifact', 'u-train']]);
  });

  it('says how to begin when there is none, and why when it is refused', async () => {
    const empty = show(<ArtifactsScreen />, new MemoryBackend({ 'artifacts.list': { groups: [] } }));
    expect(await screen.findByText('No artifacts yet')).toBeTruthy();
    empty.unmount();
    show(<ArtifactsScreen />, new MemoryBackend());
    expect((await screen.findByRole('alert')).textContent).toContain('has no answer');
  });

  it('asks again when artifacts changed', async () => {
    const backend = new MemoryBackend({ 'artifacts.list': { groups } });
    show(<ArtifactsScreen />, backend);
    await screen.findByRole('button', { name: 'train' });
    act(() => backend.happen({ type: 'changed', what: 'artifacts', name: null }));
    await waitFor(() => expect(backend.of('artifacts.list')).toHaveLength(2));
  });
});

describe('an artifact', () => {
  const answers = { 'artifacts.get': detail(), 'artifacts.text': text('hello') };

  it('changes its version in place', async () => {
    const backend = new MemoryBackend({ ...answers, 'artifacts.get': ({ uid }) => detail({ uid }) });
    show(<ArtifactScreen uid="u2" />, backend);
    await userEvent.selectOptions(await screen.findByRole('combobox', { name: 'Version' }), 'u1');
    await waitFor(() => expect(backend.of('artifacts.get').at(-1)).toEqual({ uid: 'u1' }));
  });

  it('gets and loses tags; latest stays', async () => {
    const backend = new MemoryBackend({ ...answers, 'artifacts.tag': { tags: [] }, 'artifacts.untag': { tags: [] } });
    show(<ArtifactScreen uid="u2" />, backend, { ask: async () => 'champion' });
    await userEvent.click(await screen.findByRole('button', { name: 'Remove tag best' }));
    await userEvent.click(screen.getByRole('button', { name: 'Add tag' }));
    expect(backend.of('artifacts.untag')).toEqual([{ uid: 'u2', tag: 'best' }]);
    expect(backend.of('artifacts.tag')).toEqual([{ uid: 'u2', tag: 'champion' }]);
    expect(screen.queryByRole('button', { name: 'Remove tag latest' })).toBeNull();
  });

  it('is deleted only after it was said who depends on it; then its next version is shown', async () => {
    const consumers = [{ run: 'r7', name: 'evaluate', function: 'evaluate', state: 'completed' as const, created: 1 }];
    const backend = new MemoryBackend({
      ...answers,
      'artifacts.get': ({ uid }) => detail({ uid, consumers }),
      'artifacts.delete': ({ uid }) => ({ removed: uid })
    });
    const { host } = show(<ArtifactScreen uid="u2" />, backend);
    await userEvent.click(await screen.findByRole('button', { name: 'Delete' }));
    const [, question] = host.asked.find(([name]) => name === 'confirm') as [string, { body: string }];
    expect(question.body).toContain('evaluate (r7)');
    await waitFor(() => expect(backend.of('artifacts.delete')).toEqual([{ uid: 'u2' }]));
    await waitFor(() => expect(backend.of('artifacts.get').at(-1)).toEqual({ uid: 'u1' }));
  });

  it('stays when deleting is refused, and says why', async () => {
    const refuse = () => {
      throw new Refusal({ message: 'the journal is read-only', kind: 'StorageError', status: 400 });
    };
    const { host } = show(<ArtifactScreen uid="u2" />, new MemoryBackend({ ...answers, 'artifacts.delete': refuse }));
    await userEvent.click(await screen.findByRole('button', { name: 'Delete' }));
    await waitFor(() => expect(host.asked).toContainEqual(['notify', 'the journal is read-only', 'error']));
    expect(screen.getByRole('heading', { name: 'train' })).toBeTruthy();
  });

  it('has no download where there is no server, or no bytes', async () => {
    const backend = new MemoryBackend(answers);
    const first = show(<ArtifactScreen uid="u2" />, backend);
    expect((await screen.findByRole('link', { name: 'Download' })).getAttribute('href')).toBe('/artifacts/u2/content');
    first.unmount();
    const missing = show(
      <ArtifactScreen uid="u2" />,
      new MemoryBackend({ ...answers, 'artifacts.get': detail({ whole: false }) })
    );
    expect(await screen.findByText('The content is missing')).toBeTruthy();
    expect(screen.queryByRole('link', { name: 'Download' })).toBeNull();
    missing.unmount();
  });
});

describe('a preview', () => {
  const open = async (artifact: Partial<IArtifactDetail>, found: ITextPreview, more: Partial<IHost> = {}) => {
    const backend = new MemoryBackend({ 'artifacts.get': detail(artifact), 'artifacts.text': found });
    const view = show(<ArtifactScreen uid="u2" />, backend, more);
    await screen.findByRole('heading', { name: 'train' });
    return view;
  };

  it('of HTML is a frame of an origin of its own, without network', async () => {
    await open({ preview: 'html' }, text(`<p>${ATTACK}</p>`));
    const frame = await screen.findByTitle('Preview of train');
    expect(frame.getAttribute('sandbox')).toBe('allow-scripts');
    expect(frame.getAttribute('srcdoc')).toMatch(/^<!doctype html><meta http-equiv="Content-Security-Policy"/);
  });

  it('of SVG is a picture, never part of the page', async () => {
    const { container } = await open({ preview: 'svg' }, text('<svg onload="window.stolen=1"></svg>'));
    expect((await screen.findByAltText('train')).getAttribute('src')).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(container.querySelector('[onload]')).toBeNull();
  });

  it('of a picture with a false type says that it can’t be shown', async () => {
    await open({ preview: 'image' }, text('PGI+', { mime: 'text/html', encoding: 'base64' }));
    expect(await screen.findByText('No preview')).toBeTruthy();
  });

  it('of a picture whose bytes are none says so instead of showing a broken one', async () => {
    await open({ preview: 'image' }, text('bm8=', { mime: 'image/png', encoding: 'base64' }));
    fireEvent.error(await screen.findByAltText('train'));
    expect(screen.getByText('No preview')).toBeTruthy();
  });

  it('of what can’t be shown says how to load it', async () => {
    await open({ preview: 'none' }, text(''));
    expect(await screen.findByText('project.artifact("train").load()')).toBeTruthy();
  });

  it('of text says when it is cut', async () => {
    await open({ preview: 'text' }, text('beginning', { cut: true, size: 5_000_000 }));
    expect((await screen.findByRole('note')).textContent).toContain('5.0 MB');
  });

  it('of JSON is a tree that opens and closes, and of broken JSON its text', async () => {
    const first = await open({ preview: 'json' }, text('{"a": {"b": {"c": "deep"}}}'));
    await userEvent.click(await screen.findByRole('button', { name: /^b/ }));
    expect(screen.getByText('"deep"')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: /^a/ }));
    expect(screen.queryByText('"deep"')).toBeNull();
    first.unmount();
    await open({ preview: 'json' }, text('{"a": '));
    expect(await screen.findByText('{"a":')).toBeTruthy();
  });

  it('of JSON shows what JSON has no form for with its type', async () => {
    await open({ preview: 'json' }, text('{"day": {"$": "date", "v": "2026-01-01"}, "some": {"$": "set", "v": [1, 2]}}'));
    expect((await screen.findByText('"2026-01-01"')).parentElement?.textContent).toBe('day: date "2026-01-01"');
    expect(screen.getByRole('button', { name: 'some: set [2]' })).toBeTruthy();
  });

  it('of something empty says so', async () => {
    for (const preview of ['text', 'json', 'dir'] as const) {
      const { unmount } = await open({ preview }, text(''));
      expect(await screen.findByText('There is nothing in it')).toBeTruthy();
      unmount();
    }
  });

  it('of a chart is drawn by the host’s renderer, and described where there is none', async () => {
    const drawn: unknown[] = [];
    const draw: IHost['render'] = (mime, data, node) => {
      drawn.push(mime, data);
      node.append('chart');
      node.append(document.createElement('canvas'));
      return () => undefined;
    };
    const artifact = { preview: 'vega', mime: 'application/vnd.vegalite.v5+json' } as const;
    const first = await open(artifact, text('{"mark": "bar"}'), { render: draw });
    await waitFor(() => expect(drawn).toEqual([artifact.mime, { mark: 'bar' }]));
    first.unmount();
    await open(artifact, text('{"mark": "bar"}'));
    expect(await screen.findByText('"bar"')).toBeTruthy();
  });

  it('of a table sorts at the server and shows nulls as such', async () => {
    const columns = [
      { name: 'age', type: 'int64', nulls: 1, distinct: 2, min: 1, max: 9, mean: 5, histogram: { counts: [1, 3] } },
      { name: ATTACK, type: 'string', nulls: 0, distinct: 1, min: null, max: null, mean: null, histogram: null }
    ];
    const rows = [
      [9, ATTACK],
      [null, '']
    ];
    const backend = new MemoryBackend({
      'artifacts.get': detail({ preview: 'table' }),
      'artifacts.table': { columns, rows, total: 2, offset: 0 }
    });
    show(<ArtifactScreen uid="u2" />, backend);
    await userEvent.click(await screen.findByRole('button', { name: 'age' }));
    await waitFor(() => expect(backend.of('artifacts.table').at(-1)).toMatchObject({ sort: 'age', descending: false }));
    expect(await screen.findByText('null')).toBeTruthy();
    expect(screen.getByRole('columnheader', { name: /age/ }).getAttribute('aria-sort')).toBe('ascending');
    expect(screen.getByText('50 % null')).toBeTruthy();
    expect(screen.getByText('2 rows · 2 columns')).toBeTruthy();
  });

  it('of a table draws only the columns in view', async () => {
    const columns = Array.from({ length: 3000 }, (_, at) => ({ name: `c${at}`, type: 'DOUBLE', ...NOTHING_MORE }));
    const backend = new MemoryBackend({
      'artifacts.get': detail({ preview: 'table' }),
      'artifacts.table': { columns, rows: [columns.map((_, at) => at)], total: 1, offset: 0 }
    });
    show(<ArtifactScreen uid="u2" />, backend);
    const table = await screen.findByRole('table');
    expect(within(table).getAllByRole('cell').length).toBeLessThan(30);
    table.scrollLeft = 128 * 1000;
    fireEvent.scroll(table);
    expect(
      within(table)
        .getByRole('columnheader', { name: /^c1005/ })
        .getAttribute('aria-colindex')
    ).toBe('1007');
    expect(within(table).getByRole('cell', { name: '1005' }).style.gridColumn).toMatch(/^1007/);
    expect(within(table).queryByRole('cell', { name: '5' })).toBeNull();
  });

  it('of a table has its head as wide as its rows, and says when they are only the first', async () => {
    const column = { name: 'long '.repeat(50), type: '', nulls: null, distinct: null, min: null, max: null, mean: null };
    const backend = new MemoryBackend({
      'artifacts.get': detail({ preview: 'table' }),
      'artifacts.table': { columns: [{ ...column, histogram: null }], rows: [[1]], total: 1, offset: 0, all: 500 }
    });
    const { container } = show(<ArtifactScreen uid="u2" />, backend);
    expect(await screen.findByText('The first 1 of 500 rows · 1 column')).toBeTruthy();
    const [head, body] = ['head', 'body'].map(part => container.querySelector<HTMLElement>(`.jmo-sheet-${part}`));
    expect(head?.style.minWidth).toBe('316px');
    expect(body?.style.minWidth).toBe('316px');
  });
});

describe('lineage', () => {
  const graph: ILineage = {
    nodes: [
      { id: 'u2', type: 'artifact', name: 'train', kind: 'dataset', state: null, focus: true },
      { id: 'r1', type: 'run', name: 'prepare', kind: null, state: 'completed', focus: false },
      { id: 's', type: 'source', name: '/data/raw.csv', kind: null, state: null, focus: false }
    ],
    edges: [
      { source: 's', target: 'r1', name: 'data' },
      { source: 'r1', target: 'u2', name: '' }
    ],
    cut: true
  };

  it('is clicked through', async () => {
    const { host } = show(<Lineage artifact="u2" />, new MemoryBackend({ 'lineage.get': graph }));
    const [node] = (await screen.findAllByTitle('prepare')) as HTMLElement[];
    await userEvent.click(node);
    await userEvent.click(screen.getByTitle('/data/raw.csv'));
    expect(host.asked).toEqual([['openRun', 'r1']]);
  });

  it('is walked by keyboard, and grows around a node on plus', async () => {
    const more = { ...graph.nodes[1], id: 'r9', name: 'clean' };
    const backend = new MemoryBackend({
      'lineage.get': args => (args.run === 'r1' ? { ...graph, nodes: [...graph.nodes, more] } : graph)
    });
    show(<Lineage artifact="u2" />, backend);
    const start = (await screen.findByTitle('train')) as HTMLElement;
    start.focus();
    fireEvent.keyDown(start, { key: 'ArrowLeft' });
    expect((document.activeElement as HTMLElement).title).toBe('prepare');
    fireEvent.keyDown(document.activeElement as HTMLElement, { key: '+' });
    expect(await screen.findByTitle('clean')).toBeTruthy();
  });

  it('has a list that names what came from what', async () => {
    show(<Lineage run="r1" />, new MemoryBackend({ 'lineage.get': graph }));
    await userEvent.click(await screen.findByRole('tab', { name: 'List' }));
    const items = screen.getAllByRole('listitem');
    expect(items.map(item => item.textContent)).toEqual([
      '/data/raw.csvtoprepare (data)',
      expect.any(String),
      expect.any(String)
    ]);
    expect(within(items[2]).getByRole('button', { name: 'prepare' })).toBeTruthy();
  });

  it('is asked for farther away', async () => {
    const backend = new MemoryBackend({ 'lineage.get': graph });
    show(<Lineage artifact="u2" depth={3} />, backend);
    await userEvent.click(await screen.findByRole('button', { name: 'Show more' }));
    await waitFor(() => expect(backend.of('lineage.get').at(-1)).toEqual({ artifact: 'u2', depth: 5 }));
  });
});

describe('hostile names, tags, labels, types and facts', () => {
  const hostile = detail({
    ...{ key: ATTACK, type: ATTACK, function: ATTACK, tags: [ATTACK], uri: ATTACK, filename: ATTACK, hash: ATTACK },
    labels: { [ATTACK]: ATTACK },
    meta: { framework: ATTACK, class: ATTACK, params: { [ATTACK]: ATTACK }, signature: { feature_names_in_: [ATTACK] } },
    consumers: [{ run: ATTACK, name: ATTACK, function: ATTACK, state: 'completed', created: 1 }]
  });

  const harmless = (container: HTMLElement) => {
    expect(container.querySelectorAll('script, img, iframe, b, [onerror], [onload]')).toHaveLength(0);
    expect([...container.querySelectorAll('a')].filter(a => a.getAttribute('href')?.startsWith('javascript:'))).toEqual([]);
    expect(container.textContent).toContain(ATTACKS[0]);
    expect('stolen' in window).toBe(false);
  };

  it.each(['text', 'json', 'model', 'dir', 'none'] as const)('are text in a preview of %s', async preview => {
    const backend = new MemoryBackend({
      'artifacts.get': { ...hostile, preview },
      'artifacts.text': text(preview === 'json' ? JSON.stringify({ [ATTACK]: ATTACK }) : ATTACK)
    });
    const { container } = show(<ArtifactScreen uid="u2" />, backend);
    await screen.findByRole('heading', { level: 2 });
    await waitFor(() => expect(screen.queryByRole('status')).toBeNull());
    harmless(container);
    for (const tab of ['Versions', 'Details']) {
      await userEvent.click(screen.getByRole('tab', { name: new RegExp(tab) }));
      harmless(container);
    }
  });

  it('are text in the list and in lineage', async () => {
    const listed = show(
      <ArtifactsScreen />,
      new MemoryBackend({ 'artifacts.list': { groups: [group(ATTACK, { tags: [ATTACK] })] } })
    );
    await screen.findByRole('table');
    harmless(listed.container);
    listed.unmount();
    const nodes = ['a', 'b'].map(id => ({
      id,
      type: 'artifact' as const,
      name: ATTACK,
      kind: ATTACK,
      state: null,
      focus: id === 'a'
    }));
    const graph = { nodes, edges: [{ source: 'a', target: 'b', name: ATTACK }], cut: false };
    const drawn = show(<Lineage artifact="a" />, new MemoryBackend({ 'lineage.get': graph }));
    await screen.findAllByTitle(ATTACK.replace(/\s+/g, ' '));
    harmless(drawn.container);
    await userEvent.click(screen.getByRole('tab', { name: 'List' }));
    harmless(drawn.container);
  });
});
