import { describe, expect, it } from 'vitest';
import type { IArtifactGroup, IArtifactRow, ILineage, ITablePage } from '../contract';
import { bundled } from './bundles';
import { listed, modelFacts, plainFacts } from './facts';
import { countKinds, fits, sortGroups } from './groups';
import { layOut, NODE } from './layout';
import { grown, inOrder, links, neighbour, related } from './lineage';
import { imageAddress, sealed, svgAddress } from './sandbox';
import { isNumeric, nextOrder, PAGE, Pages } from './table';
import { firstRow, HEIGHT, offsetOf, spread } from './window';

function group(key: string, more: Partial<IArtifactGroup> = {}): IArtifactGroup {
  const latest: IArtifactRow = {
    uid: `u-${key}`,
    key,
    kind: 'dataset',
    size: 10,
    hash: 'ab',
    type: 'pandas.DataFrame',
    created: 1,
    run: 'r1',
    function: 'prepare',
    tags: ['latest'],
    uri: `store://dataset/churn/${key}`
  };
  return { key, kind: 'dataset', versions: 1, tags: ['latest'], latest, ...more };
}

const node = (id: string, type: 'artifact' | 'run' | 'source' = 'artifact', focus = false) => ({
  ...{ id, type, name: id, kind: type === 'artifact' ? 'dataset' : null, state: type === 'run' ? ('completed' as const) : null },
  focus
});

/** raw → prepare → (train, test) → fit → model */
const GRAPH: ILineage = {
  nodes: [node('model', 'artifact', true), node('fit', 'run'), node('train'), node('test'), node('prepare', 'run'), node('raw')],
  edges: [
    { source: 'raw', target: 'prepare', name: 'data' },
    { source: 'prepare', target: 'train', name: '' },
    { source: 'prepare', target: 'test', name: '' },
    { source: 'train', target: 'fit', name: 'data' },
    { source: 'test', target: 'fit', name: 'check' },
    { source: 'fit', target: 'model', name: '' }
  ],
  cut: false
};

describe('the list of artifacts', () => {
  const groups = [group('train', { versions: 3 }), group('model', { kind: 'model', tags: ['best', 'latest'] })];

  it('is narrowed by words in the key, the tags, the type and the Function', () => {
    expect(groups.filter(each => fits(each, 'BEST')).map(each => each.key)).toEqual(['model']);
    expect(groups.filter(each => fits(each, 'prepare tra')).map(each => each.key)).toEqual(['train']);
    expect(groups.filter(each => fits(each, ''))).toHaveLength(2);
  });

  it('counts its kinds and sorts by any column', () => {
    expect([...countKinds(groups)]).toEqual([
      ['dataset', 1],
      ['model', 1]
    ]);
    expect(sortGroups(groups, 'versions', true).map(each => each.key)).toEqual(['train', 'model']);
    expect(sortGroups(groups, 'key', false).map(each => each.key)).toEqual(['model', 'train']);
  });
});

describe('what a browser would run', () => {
  it('stands behind a policy that comes before all of it', () => {
    const page = sealed('</head><script>fetch("//evil")</script>');
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('</head>'));
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/connect-src|https?:/);
  });

  it('becomes the address of a picture, whatever letters it has', () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>ü → 日</text></svg>';
    const address = svgAddress(svg);
    const there = Uint8Array.from(atob(address.split(',')[1]), letter => letter.charCodeAt(0));
    expect(new TextDecoder().decode(there)).toBe(svg);
  });

  it('is no picture when its type or bytes say otherwise', () => {
    expect(imageAddress('image/png', 'iVBORw0KGgo=')).toBe('data:image/png;base64,iVBORw0KGgo=');
    expect(imageAddress('text/html', 'PGI+')).toBeNull();
    expect(imageAddress('image/svg+xml', 'PGI+')).toBeNull();
    expect(imageAddress('image/png', '"><script>')).toBeNull();
  });
});

describe('lineage', () => {
  it('grows by what was asked for beyond it, and keeps its focus', () => {
    const more = { nodes: [node('model', 'artifact', true), node('serve', 'run', true)], edges: [], cut: true };
    const both = grown(GRAPH, { ...more, edges: [{ source: 'model', target: 'serve', name: 'm' }, GRAPH.edges[5]] });
    expect(both.nodes.filter(each => each.focus).map(each => each.id)).toEqual(['model']);
    expect(both.nodes).toHaveLength(7);
    expect(both.edges).toHaveLength(7);
    expect(both.cut).toBe(false);
  });

  it('lights what a node came from and what came from it, but not its siblings', () => {
    expect([...related(GRAPH, 'train')].sort()).toEqual(['fit', 'model', 'prepare', 'raw', 'train']);
  });

  it('is laid out from left to right without overlaps', () => {
    const { places, width } = layOut(GRAPH);
    const x = (id: string) => places.get(id)?.x ?? NaN;
    expect(x('raw')).toBeLessThan(x('prepare'));
    expect(x('fit')).toBeLessThan(x('model'));
    expect(x('train')).toBe(x('test'));
    expect(Math.abs((places.get('train')?.y ?? 0) - (places.get('test')?.y ?? 0))).toBeGreaterThanOrEqual(NODE.height);
    expect(x('model') + NODE.width).toBeLessThanOrEqual(width);
  });

  it('is walked with the arrow keys along its edges', () => {
    const { places } = layOut(GRAPH);
    expect(neighbour(GRAPH, places, 'model', 'ArrowLeft')).toBe('fit');
    expect(neighbour(GRAPH, places, 'model', 'ArrowRight')).toBeNull();
    const [upper, lower] = (places.get('train')?.y ?? 0) < (places.get('test')?.y ?? 0) ? ['train', 'test'] : ['test', 'train'];
    expect(neighbour(GRAPH, places, upper, 'ArrowDown')).toBe(lower);
    expect(neighbour(GRAPH, places, lower, 'ArrowUp')).toBe(upper);
    expect(neighbour(GRAPH, places, upper, 'ArrowUp')).toBeNull();
    expect(neighbour(GRAPH, places, 'model', 'x')).toBeNull();
  });

  it('reads as a list in which causes come first', () => {
    const order = inOrder(GRAPH).map(each => each.id);
    expect(order[0]).toBe('raw');
    expect(order.at(-1)).toBe('model');
    expect(links(GRAPH, 'fit').from.map(link => [link.node.id, link.as])).toEqual([
      ['train', ['data']],
      ['test', ['check']]
    ]);
  });

  it('still lists every node when something came from itself', () => {
    const loop = { ...GRAPH, edges: [...GRAPH.edges, { source: 'model', target: 'raw', name: 'again' }] };
    expect(inOrder(loop)).toHaveLength(6);
    expect(layOut(loop).places.size).toBe(6);
  });
});

describe('the rows of a table', () => {
  const page = (offset: number): ITablePage => ({ columns: [], rows: [[offset]], total: 1000, offset });
  const settled = () => new Promise(resolve => setTimeout(resolve));

  it('are asked for page by page, each once', async () => {
    const asked: number[] = [];
    const pages = new Pages(
      async offset => (asked.push(offset), page(offset)),
      () => undefined
    );
    pages.need(0, 10);
    pages.need(5, 20);
    await settled();
    pages.need(PAGE - 5, PAGE + 30);
    await settled();
    expect(asked).toEqual([0, PAGE]);
    expect(pages.row(0)).toEqual([0]);
    expect(pages.row(PAGE)).toEqual([PAGE]);
    expect(pages.row(2 * PAGE)).toBeNull();
  });

  it('are asked for again after a failure, which is told', async () => {
    let fails = true;
    const pages = new Pages(
      async offset => {
        if (fails) {
          throw new Error('gone');
        }
        return page(offset);
      },
      () => undefined
    );
    pages.need(0, 1);
    await settled();
    expect(pages.error?.message).toBe('gone');
    fails = false;
    pages.need(0, 1);
    await settled();
    expect(pages.error).toBeNull();
    expect(pages.row(0)).toEqual([0]);
  });

  it('are sorted up, down, and then as they were', () => {
    const up = nextOrder(null, 'age');
    const down = nextOrder(up, 'age');
    expect([up, down, nextOrder(down, 'age')]).toEqual([{ by: 'age', descending: false }, { by: 'age', descending: true }, null]);
    expect(nextOrder(down, 'name')).toEqual({ by: 'name', descending: false });
  });

  it('stand on the right when they are numbers', () => {
    expect(['int64', 'DOUBLE', 'DECIMAL(10,2)', 'float', 'UINTEGER', 'BIGINT'].filter(isNumeric)).toHaveLength(6);
    expect(['VARCHAR', 'string', 'bool', 'interval', 'TIMESTAMP', 'DOUBLE[]'].filter(isNumeric)).toEqual([]);
  });

  it('are all reachable, in tables taller than a browser can make', () => {
    for (const total of [10, 5000, 50_000_000]) {
      const height = 520;
      const most = Math.max(0, spread(total) - height);
      expect(firstRow(0, height, total)).toBe(0);
      const first = firstRow(most, height, total);
      expect(first + Math.ceil(height / HEIGHT) + 10).toBeGreaterThanOrEqual(total);
      expect(offsetOf(first, most, height, total)).toBeLessThanOrEqual(most + height);
    }
  });
});

describe('what a packager noted', () => {
  it('of a model is read whatever its shape', () => {
    const facts = modelFacts({
      framework: 'sklearn',
      class: 'sklearn.svm.SVC',
      params: { C: 1 },
      signature: { n_features_in_: 2, feature_names_in_: ['a', 'b'] },
      versions: { python: '3.11' }
    });
    expect(facts.features).toEqual(['a', 'b']);
    expect(facts.signature).toEqual([['n_features_in_', 2]]);
    expect(modelFacts({ framework: ['x'], params: 'none', signature: null, versions: 3 })).toEqual({
      ...{ framework: null, class: null, versions: [], params: [], features: [], signature: [] }
    });
  });

  it('of a folder is its files and their sizes', () => {
    expect(listed('      12,345  a b/c.txt\n           1  d')).toEqual([
      { path: 'a b/c.txt', size: 12345 },
      { path: 'd', size: 1 }
    ]);
  });

  it('is listed without what is shown elsewhere', () => {
    expect(plainFacts({ rows: 3, preview: [], stats: {}, note: null, width: 2 }).map(([key]) => key)).toEqual(['rows', 'width']);
  });
});

describe('a lineage with many alike', () => {
  const ids = Array.from({ length: 8 }, (_, at) => at);
  const sweep: ILineage = {
    nodes: [
      node('data', 'artifact', true),
      ...ids.flatMap(at => [
        { ...node(`r${at}`, 'run'), name: `train[${at}]`, state: at === 3 ? ('error' as const) : ('completed' as const) },
        { ...node(`m${at}`), name: 'model', kind: 'model' }
      ]),
      node('last', 'run')
    ],
    edges: [
      ...ids.flatMap(at => [
        { source: 'data', target: `r${at}`, name: 'data' },
        { source: `r${at}`, target: `m${at}`, name: '' }
      ]),
      { source: 'm0', target: 'last', name: 'model' }
    ],
    cut: false
  };

  it('shows them as one, and what came of them', () => {
    const { nodes, edges } = bundled(sweep, new Set());
    expect(nodes.map(({ name, many }) => [name, many])).toEqual([
      ['data', undefined],
      ['last', undefined],
      ['train', 8],
      ['model', 8]
    ]);
    expect(nodes[2].state).toBe('error');
    expect(edges).toEqual([
      { source: 'data', target: 'bundle:r0', name: 'data' },
      { source: 'bundle:r0', target: 'bundle:m0', name: '' },
      { source: 'bundle:m0', target: 'last', name: 'model' }
    ]);
  });

  it('shows them one by one when asked, and a few always', () => {
    const opened = bundled(sweep, new Set(['bundle:r0']));
    expect(opened.nodes).toHaveLength(18);
    expect(bundled(GRAPH, new Set())).toBe(GRAPH);
  });
});
