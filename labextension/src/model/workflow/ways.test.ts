import { describe, expect, it } from 'vitest';
import { wayOf, type ICard } from './ways';

const card = (id: string, x: number, y: number): ICard => ({ id, x, y, width: 200, height: 80 });

/** Where a path goes, a point every few pixels. */
function points(path: string): [number, number][] {
  const [start, ...curves] = path.slice(1).split('C');
  const pair = (text: string) => text.split(',').map(Number) as [number, number];
  let here = pair(start);
  return curves.flatMap(curve => {
    const [a, b, c] = curve.split(' ').map(pair);
    const from = here;
    here = c;
    return Array.from({ length: 200 }, (_, at) => {
      const t = at / 199;
      const mix = (axis: 0 | 1) =>
        (1 - t) ** 3 * from[axis] + 3 * (1 - t) ** 2 * t * a[axis] + 3 * (1 - t) * t ** 2 * b[axis] + t ** 3 * c[axis];
      return [mix(0), mix(1)] as [number, number];
    });
  });
}

const meets = (path: string, { x, y, width, height }: ICard): boolean =>
  points(path).some(([left, top]) => left > x && left < x + width && top > y && top < y + height);

describe('the way of a connection', () => {
  it('is one curve where nothing is in between', () => {
    expect(wayOf([0, 0], [100, 40], [card('far', 300, 0)], 'LR')).toBe('M0,0C50,0 50,40 100,40');
    expect(wayOf([0, 0], [40, 100], [], 'TB')).toBe('M0,0C0,50 40,50 40,100');
  });

  it('stays one curve where it passes no card', () => {
    expect(wayOf([0, 0], [500, 0], [card('below', 150, 20)], 'LR').split('C')).toHaveLength(2);
  });

  it('goes between cards that are in its way, by the nearer gap', () => {
    const column = [card('a', 150, -120), card('b', 150, -14), card('c', 150, 92)];
    const path = wayOf([0, 50], [500, 40], column, 'LR');
    column.forEach(each => expect(meets(path, each)).toBe(false));
    expect(points(path).some(([, y]) => y > 66 && y < 92)).toBe(true);
  });

  it('does so from above to below', () => {
    const row = [card('a', -220, 100), card('b', 8, 100)];
    const path = wayOf([60, 0], [60, 300], row, 'TB');
    row.forEach(each => expect(meets(path, each)).toBe(false));
  });

  it('passes several columns, each by its own gap', () => {
    const cards = [card('a', 150, -40), card('b', 450, -60), card('c', 450, 60)];
    const path = wayOf([0, 0], [800, 0], cards, 'LR');
    cards.forEach(each => expect(meets(path, each)).toBe(false));
    expect(path.split('C')).toHaveLength(6);
  });

  it('turns at no column that it passes anyway', () => {
    const cards = [card('a', 150, -40), card('b', 450, 60)];
    const path = wayOf([0, 0], [800, 0], cards, 'LR');
    cards.forEach(each => expect(meets(path, each)).toBe(false));
    expect(path.split('C')).toHaveLength(4);
  });

  it('passes behind a card rather than going very far aside', () => {
    const wall = Array.from({ length: 12 }, (_, at) => card(`w${at}`, 150, -480 + at * 80));
    expect(wayOf([0, 0], [500, 0], wall, 'LR').split('C')).toHaveLength(2);
  });

  it('swings out where it leads back', () => {
    expect(wayOf([100, 0], [0, 50], [card('a', 20, 10)], 'LR').split('C')).toHaveLength(2);
  });
});
