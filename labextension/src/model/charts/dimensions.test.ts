import { describe, expect, it } from 'vitest';
import {
  dimensionsOf,
  endedTicks,
  passes,
  placeOf,
  pairing,
  reordered,
  telling,
  textAt,
  ticksOf,
  type IPlotted
} from './dimensions';
import { along, tint } from './tint';

const run = (id: string, params: IPlotted['params'], results: IPlotted['results'] = {}): IPlotted => ({
  id,
  name: id,
  params,
  results
});
const RUNS = [
  run('a', { rate: 0.001, depth: 2, model: 'forest', seed: 1, on: true }, { auc: 0.8 }),
  run('b', { rate: 0.01, depth: 4, model: 'boosted', seed: 1, on: false }, { auc: 0.9 }),
  run('c', { rate: 0.1, depth: 8, model: 'forest', seed: 1, on: true })
];
const of = (id: string, logs: ReadonlySet<string> | null = null) => {
  const found = dimensionsOf(RUNS, logs).find(one => one.id === id);
  if (!found) {
    throw new Error(`there is no dimension ${id}`);
  }
  return found;
};

describe('dimensions', () => {
  it('are params and results, also when both have one name', () => {
    const both = dimensionsOf([run('a', { n: 1 }, { n: 2 })]);
    expect(both.map(({ id }) => id)).toEqual(['params.n', 'results.n']);
  });

  it('are logarithmic when values span decades, or as somebody chose', () => {
    expect(of('params.rate').scale.kind).toBe('log');
    expect(of('params.depth').scale.kind).toBe('linear');
    expect(of('params.rate', new Set()).scale.kind).toBe('linear');
    expect(dimensionsOf([run('a', { n: 1 }), run('b', { n: 20 })])[0].scale.kind).toBe('linear');
    expect(dimensionsOf([run('a', { rate: 0.01 }), run('b', { rate: 0.1 })])[0].scale.kind).toBe('log');
    expect(of('params.depth', new Set(['params.depth'])).scale.kind).toBe('log');
  });

  it('are never logarithmic where a value is not positive', () => {
    const [one] = dimensionsOf([run('a', { x: 0 }), run('b', { x: 1000 })], new Set(['params.x']));
    expect(one.scale.kind).toBe('linear');
    expect(one.positive).toBe(false);
  });

  it('are categories for words, truth, and mixtures', () => {
    expect(of('params.model').scale).toEqual({ kind: 'category', values: ['boosted', 'forest'] });
    expect(of('params.on').scale.kind).toBe('category');
    expect(dimensionsOf([run('a', { x: 1 }), run('b', { x: 'auto' })])[0].scale.kind).toBe('category');
  });

  it('sort words that hold numbers as people do', () => {
    const [one] = dimensionsOf(['v10', 'v9'].map(word => run(word, { x: word })));
    expect(one.scale).toEqual({ kind: 'category', values: ['v9', 'v10'] });
  });

  it('place runs between 0 and 1', () => {
    expect(RUNS.map(one => placeOf(one, of('params.rate'))?.toFixed(2))).toEqual(['0.00', '0.50', '1.00']);
    expect(RUNS.map(one => placeOf(one, of('params.model')))).toEqual([1, 0, 1]);
    expect(placeOf(RUNS[2], of('results.auc'))).toBeNull();
  });

  it('know of gaps and of what is the same everywhere', () => {
    expect(of('results.auc').gaps).toBe(true);
    expect(of('params.seed').constant).toBe(true);
    expect(of('results.auc').constant).toBe(false);
  });

  it('have ticks at places', () => {
    expect(ticksOf(of('params.rate')).map(({ text }) => text)).toEqual([0.001, 0.01, 0.1]);
    expect(ticksOf(of('params.model'))).toEqual([
      { at: 0, text: 'boosted' },
      { at: 1, text: 'forest' }
    ]);
    expect(endedTicks(of('params.depth')).map(({ text }) => text)).toEqual([2, 4, 8]);
  });

  it('have both ends as ticks between runs, and only whole numbers where all values are', () => {
    const runs = [1, 2, 3, 4, 5, 6, 7.5].map(x => run(String(x), { x, whole: Math.floor(x) * 10 }));
    const [x, whole] = dimensionsOf(runs);
    const texts = endedTicks(x).map(({ text }) => text);
    expect([texts[0], texts.at(-1)]).toEqual([1, 7.5]);
    expect(endedTicks(whole, 20).every(({ text }) => Number.isInteger(text))).toBe(true);
  });

  it('of which only one value is known have it in the middle', () => {
    expect(endedTicks(of('results.auc')).map(({ text }) => text)).toEqual([0.8, 0.9]);
    const [seed, ...more] = endedTicks(of('params.seed'));
    expect([seed.text, more]).toEqual([1, []]);
    expect(seed.at).toBeCloseTo(0.5);
  });

  it('choose axes that tell something: what differs, results at the end', () => {
    expect(telling(dimensionsOf(RUNS))).toEqual(['params.rate', 'params.depth', 'params.model', 'params.on', 'results.auc']);
    expect(telling(dimensionsOf(RUNS), 3)).toEqual(['params.rate', 'params.depth', 'results.auc']);
  });
});

describe('a scatter', () => {
  it('begins with a result against a param that most runs have', () => {
    expect(pairing(RUNS.slice(0, 2), dimensionsOf(RUNS.slice(0, 2)))).toEqual(['params.rate', 'results.auc']);
    const sparse = [run('a', { x: 1, y: 1 }, { r: 1 }), run('b', { x: 2, y: 2 }), run('c', { x: 3, y: 4 })];
    expect(pairing(sparse, dimensionsOf(sparse))).toEqual(['params.x', 'params.y']);
  });

  it('needs two dimensions', () => {
    expect(pairing([run('a', { x: 1 })], dimensionsOf([run('a', { x: 1 })]))).toBeNull();
  });
});

describe('filters', () => {
  it('keep the runs inside all of them', () => {
    const dimensions = dimensionsOf(RUNS);
    const kept = (brushes: [string, [number, number]][]) =>
      RUNS.filter(one => passes(one, dimensions, new Map(brushes))).map(({ id }) => id);
    expect(kept([])).toEqual(['a', 'b', 'c']);
    expect(kept([['params.rate', [0.4, 1]]])).toEqual(['b', 'c']);
    expect(
      kept([
        ['params.rate', [0.4, 1]],
        ['params.model', [0.9, 1]]
      ])
    ).toEqual(['c']);
  });

  it('leave out a run that has no value there', () => {
    expect(passes(RUNS[2], dimensionsOf(RUNS), new Map([['results.auc', [0, 1]]]))).toBe(false);
  });

  it('say where they end in the units of the axis', () => {
    expect(textAt(of('params.rate'), 0.5)).toBeCloseTo(0.01);
    expect(textAt(of('params.model'), 0.9)).toBe('forest');
  });
});

describe('axes', () => {
  it('move to where they are dropped, not beyond the ends', () => {
    expect(reordered(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
    expect(reordered(['a', 'b', 'c'], 2, -5)).toEqual(['c', 'a', 'b']);
    expect(reordered(['a', 'b', 'c'], 1, 9)).toEqual(['a', 'c', 'b']);
  });
});

describe('colours of values', () => {
  it('go along the scale of the theme', () => {
    expect(along(0)).toContain('var(--jmo-scale-low)');
    expect(along(1)).toContain('var(--jmo-scale-high) 100%');
  });

  it('are hues for words and grey where there is nothing', () => {
    expect(tint(RUNS[0], of('params.model'))).toBe('var(--jmo-series-2)');
    expect(tint(RUNS[2], of('results.auc'))).toBe('var(--jmo-line)');
  });
});
