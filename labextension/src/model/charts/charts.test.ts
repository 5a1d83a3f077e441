import { describe, expect, it } from 'vitest';
import type { ISeries } from '../contract';
import { bestOf, direction, arranged, selection } from './best';
import { Linked } from './linked';
import { colorOf, dashOf, Slots } from './palette';
import { moved, padded, scaled, share, unitOf, valueAt } from './scale';
import { columns, firstFrom, latest, nearest, seriesId, summary, withLive, type Point } from './series';
import { smooth } from './smoothing';
import { barsOf, drawThinned, thinPoints } from './thin';
import { linearTicks, logTicks } from './ticks';

const at = (step: number, value: number | null, time = step): Point => [step, value, time];
const many = (count: number, value: (step: number) => number | null): Point[] =>
  Array.from({ length: count }, (_, step) => at(step, value(step)));
const event = (points: Point[], total: number) => ({ type: 'metric' as const, run: 'a', key: 'loss', points, total });
const series = (points: Point[], total = points.length): ISeries => ({ run: 'a', key: 'loss', points, total });

describe('smoothing', () => {
  const x = Float64Array.from({ length: 50 }, (_, index) => index);

  it('leaves a curve as it is at strength 0', () => {
    const y = Float64Array.from(x, value => Math.sin(value));
    expect(smooth(x, y, 0)).toBe(y);
  });

  it('begins at the first value, not at 0: it is debiased', () => {
    const smoothed = smooth(
      x,
      Float64Array.from(x, () => 5),
      0.9
    );
    expect([...smoothed].every(value => Math.abs(value - 5) < 1e-9)).toBe(true);
  });

  it('is the debiased average that TensorBoard draws, when points are one unit of the axis apart', () => {
    const long = Float64Array.from({ length: 1001 }, (_, index) => index);
    const y = Float64Array.from(long, value => ((value * 7919) % 13) / 13);
    const smoothed = smooth(long, y, 0.81);
    let sum = 0;
    const expected = Array.from(y, (value, index) => {
      sum = sum * 0.9 + value * 0.1;
      return sum / (1 - 0.9 ** (index + 1));
    });
    expect(Math.max(...expected.map((value, index) => Math.abs(value - smoothed[index])))).toBeLessThan(1e-9);
  });

  it('keeps gaps, and does not count them', () => {
    const y = Float64Array.from([1, NaN, 1, 1]);
    const smoothed = smooth(x.subarray(0, 4), y, 0.9);
    expect(smoothed[1]).toBeNaN();
    expect(smoothed[3]).toBeCloseTo(1, 12);
  });

  it('makes noise smaller, the more the stronger', () => {
    const y = Float64Array.from(x, value => (value % 2 ? 1 : -1));
    const size = (strength: number) => Math.abs(smooth(x, y, strength)[49]);
    expect(size(0.9)).toBeLessThan(size(0.5) + 1e-12);
    expect(size(0.99)).toBeLessThan(0.2);
  });
});

describe('thinning', () => {
  it('keeps a short series whole', () => {
    const points = many(10, step => step);
    expect(thinPoints(points, 10)).toEqual(points);
  });

  it('keeps every peak, the first and the last point', () => {
    const points = many(10_000, step => (step === 4321 ? 100 : step === 777 ? -100 : 0));
    const thin = thinPoints(points, 200);
    expect(thin.length).toBeLessThanOrEqual(200);
    expect(thin).toContainEqual(at(4321, 100));
    expect(thin).toContainEqual(at(777, -100));
    expect([thin[0], thin.at(-1)]).toEqual([points[0], points[9999]]);
  });

  it('keeps the order, and a long gap a gap', () => {
    const thin = thinPoints(
      many(5000, step => (step > 1000 && step < 2000 ? null : Math.sin(step))),
      100
    );
    expect(thin.every((point, index) => index === 0 || point[0] > thin[index - 1][0])).toBe(true);
    expect(thin.some(([step, value]) => value === null && step > 1000 && step < 2000)).toBe(true);
  });

  const drawn = (x: number[], y: number[], toX = (value: number) => value) => {
    const strokes: string[] = [];
    const pen = {
      moveTo: (a: number, b: number) => strokes.push(`M${a},${b}`),
      lineTo: (a: number, b: number) => strokes.push(`L${a},${b}`)
    };
    drawThinned(pen, { x: Float64Array.from(x), y: Float64Array.from(y) }, [0, x.length], toX, value => value);
    return strokes;
  };

  it('draws at most four points a pixel column, among them the lowest and the highest', () => {
    const x = Array.from({ length: 1000 }, (_, index) => index);
    const strokes = drawn(
      x,
      x.map(value => (value === 512 ? 99 : value === 700 ? -99 : 0)),
      value => value / 100
    );
    expect(strokes.length).toBeLessThanOrEqual(40);
    expect(strokes.join(' ')).toContain(',99');
    expect(strokes.join(' ')).toContain(',-99');
  });

  it('draws many dense curves as bars that touch each other', () => {
    const bars: number[][] = [];
    const y = Float64Array.from([0, 5, 9, 7, NaN, 3]);
    barsOf(
      { x: Float64Array.from([0, 0.5, 1, 1.5, 2, 2.5]), y },
      [0, 6],
      value => value,
      value => value,
      (...bar) => bars.push(bar)
    );
    expect(bars).toEqual([
      [0, 0, 5],
      [1, 5, 4],
      [2, 3, 1]
    ]);
  });

  it('lifts the pen over a gap, and still shows a point that is alone', () => {
    expect(drawn([0, 1, 2, 3, 4], [0, 1, NaN, 3, NaN])).toEqual(['M0,0', 'L1,1', 'M3,3', 'L4,3']);
  });
});

describe('series', () => {
  it('adds live points after those it has', () => {
    expect(withLive(series([at(0, 1), at(1, 2)]), event([at(2, 3)], 3), 100).points).toEqual([at(0, 1), at(1, 2), at(2, 3)]);
  });

  it('takes no point twice, whatever comes again after a lost connection', () => {
    const one = withLive(series([at(0, 1), at(1, 2)]), event([at(1, 2), at(2, 3)], 3), 100);
    expect(one.points.map(([step]) => step)).toEqual([0, 1, 2]);
    expect(withLive(one, event([at(2, 3)], 3), 100)).toBe(one);
  });

  it('takes points of one time in the order of their steps', () => {
    const one = withLive(series([at(0, 1, 9)]), event([at(1, 2, 9), at(2, 3, 9)], 3), 100);
    expect(one.points).toHaveLength(3);
  });

  it('goes on when a loop begins again at step 0', () => {
    expect(withLive(series([at(5, 1, 5)]), event([at(0, 2, 6)], 2), 100).points).toHaveLength(2);
  });

  it('begins with what comes first', () => {
    expect(withLive(undefined, event([at(0, 1)], 1), 100)).toEqual(series([at(0, 1)]));
  });

  it('stays small while it grows for ever', () => {
    let one = series([]);
    for (let batch = 0; batch < 100; batch += 1) {
      const points = many(100, step => step).map(([step, value]) => at(batch * 100 + step, value));
      one = withLive(one, event(points, (batch + 1) * 100), 200);
    }
    expect(one.points.length).toBeLessThanOrEqual(400);
    expect(one.total).toBe(10_000);
    expect(one.points.at(-1)?.[0]).toBe(9999);
  });

  it('keeps live points that a newer answer does not know yet', () => {
    const live = new Map([[seriesId(series([])), series([at(0, 1), at(1, 2), at(2, 3)])]]);
    const [merged] = latest([series([at(0, 1), at(1, 2)])], live).values();
    expect(merged).toEqual(series([at(0, 1), at(1, 2), at(2, 3)]));
  });

  it('takes the answer where it knows as much', () => {
    const answer = series([at(0, 1), at(1, 2), at(2, 3)], 30);
    const live = new Map([[seriesId(answer), series([at(0, 1)], 30)]]);
    expect([...latest([answer], live).values()]).toEqual([answer]);
  });

  it('is drawn over steps, times, or the time since its first point', () => {
    const points = [at(3, 1, 100), at(4, 2, 110)];
    expect([...columns(points, 'step').x]).toEqual([3, 4]);
    expect([...columns(points, 'time').x]).toEqual([100, 110]);
    expect([...columns(points, 'relative').x]).toEqual([0, 10]);
  });

  it('is sorted by x, has gaps for null, and on log axes for what has no logarithm', () => {
    const points = [at(2, 5), at(0, -1), at(1, null)];
    const { x, y } = columns(points, 'step', { logX: true, logY: true });
    expect([...x]).toEqual([1, 2]);
    expect([...y]).toEqual([NaN, 5]);
  });

  it('finds the nearest point, and the first from a place on', () => {
    const x = Float64Array.from([0, 10, 20]);
    expect([-5, 4, 6, 99].map(value => nearest(x, value))).toEqual([0, 0, 1, 2]);
    expect(nearest(new Float64Array(0), 1)).toBe(-1);
    expect([0, 0.5, 20, 21].map(value => firstFrom(x, value))).toEqual([0, 1, 2, 3]);
  });

  it('is told in words', () => {
    expect(summary([at(0, null), at(1, 3), at(2, 1), at(3, 2)])).toEqual({ first: 3, last: 2, min: 1, max: 3 });
    expect(summary([at(0, null)])).toBeNull();
  });
});

describe('scales', () => {
  it('say where a value lies, and back', () => {
    expect(share(10, [1, 100], true)).toBeCloseTo(0.5);
    expect(valueAt(0.5, [1, 100], true)).toBeCloseTo(10);
    expect(share(25, [0, 100])).toBe(0.25);
  });

  it('zoom around a value, which stays where it is', () => {
    const range = scaled([0, 100], 0.5, 25);
    expect(range).toEqual([12.5, 62.5]);
    expect(share(25, range)).toBeCloseTo(0.25);
  });

  it('move by a share of what is seen', () => {
    expect(moved([0, 10], 0.2)).toEqual([2, 12]);
    expect(moved([1, 100], 0.5, true)[0]).toBeCloseTo(10);
  });

  it('give a single value a range', () => {
    expect(padded([5, 5])).toEqual([4.5, 5.5]);
    expect(padded([0, 0])).toEqual([-1, 1]);
    expect(padded([8, 8], true)).toEqual([4, 16]);
  });

  it('have round ticks', () => {
    expect(linearTicks([0, 1])).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks([0.13, 0.19], 3)).toEqual([0.14, 0.16, 0.18]);
    expect(linearTicks([3, 3])).toEqual([3]);
  });

  it('have powers of ten on a log axis, some when they are many, 2 and 5 when they are few', () => {
    expect(logTicks([1, 1000])).toEqual([1, 10, 100, 1000]);
    expect(logTicks([1e-12, 1e12]).length).toBeLessThanOrEqual(6);
    expect(logTicks([1, 30])).toEqual([1, 2, 5, 10, 20]);
    expect(logTicks([12, 14]).length).toBeGreaterThan(1);
  });
});

describe('colours', () => {
  it('stay with a run while others come and go', () => {
    const slots = new Slots();
    slots.of(['a', 'b', 'c']);
    expect(slots.of(['c', 'd'])).toEqual(
      new Map([
        ['c', 2],
        ['d', 0]
      ])
    );
    expect(slots.of(['c', 'a', 'd']).get('c')).toBe(2);
  });

  it('are different for all runs that are shown together', () => {
    const slots = new Slots();
    slots.of(['a', 'b']);
    slots.of(['c']);
    expect(new Set(slots.of(['a', 'b', 'c']).values()).size).toBe(3);
  });

  it('are not dashed for a few runs, also when they were among many', () => {
    const slots = new Slots();
    const many = Array.from({ length: 18 }, (_, index) => `run ${index}`);
    expect(new Set(slots.of(many).values()).size).toBe(18);
    const few = slots.of(many.slice(14));
    expect([...few.values()].every(slot => dashOf(slot).length === 0)).toBe(true);
    expect(colorOf(few.get('run 14') ?? 0)).toBe(colorOf(slots.of(many).get('run 14') ?? 0));
  });

  it('come again dashed', () => {
    expect(colorOf(10)).toBe(colorOf(0));
    expect(dashOf(10)).not.toEqual(dashOf(0));
  });
});

describe('the best', () => {
  it('is the highest accuracy and the lowest loss, and nothing where the name does not tell', () => {
    expect(direction('val_accuracy')).toBe('max');
    expect(direction('rmse')).toBe('min');
    expect(direction('train_loss')).toBe('min');
    expect(direction('rows')).toBeNull();
  });

  it('follows what a sweep selects by', () => {
    expect(selection('min:cost')).toEqual({ key: 'cost', direction: 'min' });
    expect(selection('auc')).toEqual({ key: 'auc', direction: 'max' });
    expect(direction('accuracy', 'min:accuracy')).toBe('min');
    expect(direction('loss', 'min:accuracy')).toBe('min');
  });

  it('may be several, but not all', () => {
    expect(bestOf([1, 3, 3], 'max')).toEqual([1, 2]);
    expect(bestOf([2, 2], 'max')).toEqual([]);
    expect(bestOf([null, 'x', 2], 'max')).toEqual([]);
    expect(bestOf([4, 1], null)).toEqual([]);
  });

  it('arranges results first, then params, then facts, differences first', () => {
    const row = (section: 'params' | 'results' | 'about', key: string, differs: boolean) => ({
      section,
      key,
      differs,
      values: []
    });
    const rows = [
      row('about', 'user', true),
      row('params', 'seed', false),
      row('params', 'depth', true),
      row('results', 'auc', true)
    ];
    expect(arranged(rows, false).map(({ key }) => key)).toEqual(['auc', 'depth', 'seed', 'user']);
    expect(arranged(rows, true).map(({ key }) => key)).toEqual(['auc', 'depth', 'user']);
  });
});

describe('linked charts', () => {
  it('tell all of them what changed, once', () => {
    const linked = new Linked();
    const heard: string[] = [];
    linked.on(part => heard.push(part));
    linked.point('a');
    linked.point('a');
    linked.magnify([1, 2]);
    linked.toggle('a');
    expect(heard).toEqual(['run', 'zoom', 'hidden']);
  });

  it('show a run alone, and all again', () => {
    const linked = new Linked();
    linked.solo('a', ['a', 'b', 'c']);
    expect([...linked.hidden]).toEqual(['b', 'c']);
    linked.solo('a', ['a', 'b', 'c']);
    expect(linked.hidden.size).toBe(0);
  });

  it('draw neither what is hidden nor what a filter left out', () => {
    const linked = new Linked();
    linked.toggle('a');
    linked.filter(new Set(['b']));
    expect([...linked.out]).toEqual(['a', 'b']);
    linked.filter(new Set());
    expect([...linked.out]).toEqual(['a']);
  });

  it('see everything when a zoom has no width', () => {
    const linked = new Linked();
    linked.magnify([3, 3]);
    expect(linked.zoom).toBeNull();
  });
});

it('has air around any range, and never a range that is no number', () => {
  const [low, high] = padded([-1e308, 1e308]);
  expect(Number.isFinite(high - low)).toBe(true);
  expect(padded([0, 100])).toEqual([-5, 105]);
  expect(
    [
      [-5, 100],
      [0, 3e40],
      [-2e-20, 0]
    ].map(range => unitOf(range as [number, number]))
  ).toEqual([1, 1e40, 1e-20]);
});
