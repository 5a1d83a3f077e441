/** Ways of connections: a curve from end to end, or, where that would pass behind cards, one that goes between them. */
import type { Place } from './edits';
import type { Direction, INodeSize } from './layers';

export interface ICard extends INodeSize {
  x: number;
  y: number;
}

/** How far a way keeps from cards: before and behind them, and beside them. */
const AHEAD = 4;
const BESIDE = 9;
const SAMPLES = 24;
/** A way round that leads farther aside is worse than one behind a card. */
const FARTHEST = 260;

/** An SVG path from `from` to `to`, past the cards, which aren't those at its ends. */
export function wayOf(from: Place, to: Place, cards: readonly ICard[], direction: Direction): string {
  const turned = direction === 'TB';
  const turn = (at: Place): Place => (turned ? [at[1], at[0]] : at);
  const [start, end] = [turn(from), turn(to)];
  const boxes = cards.map(({ x, y, width, height }) =>
    turned ? { left: y, right: y + height, top: x, bottom: x + width } : { left: x, right: x + width, top: y, bottom: y + height }
  );
  const stops = [start, ...around(start, end, boxes), end];
  const text = ([x, y]: Place) =>
    turn([x, y])
      .map(value => Math.round(value * 10) / 10)
      .join(',');
  const curves = stops.slice(1).map((stop, at) => {
    const [one, other] = handles(stops[at], stop);
    return `C${text(one)} ${text(other)} ${text(stop)}`;
  });
  return `M${text(start)}${curves.join('')}`;
}

/** All are laid out from left to right here. */
interface IBox {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Where the way goes into a column of cards and out of it, for each column where it would pass behind a card. */
function around(start: Place, end: Place, boxes: readonly IBox[]): Place[] {
  const all = columns(boxes.filter(({ left, right }) => left > start[0] && right < end[0]));
  const gaps = new Map<number, number>();
  const stopsAt = (at: number): Place[] => {
    const y = gaps.get(at)!;
    return [
      [Math.max(Math.min(...all[at].map(box => box.left)) - AHEAD, start[0]), y],
      [Math.min(Math.max(...all[at].map(box => box.right)) + AHEAD, end[0]), y]
    ];
  };
  for (;;) {
    const known = [...gaps.keys()].sort((one, other) => one - other);
    const ends = (at: number): [Place, Place] => {
      const [before, behind] = [known.filter(each => each < at).pop(), known.find(each => each > at)];
      return [before === undefined ? start : stopsAt(before)[1], behind === undefined ? end : stopsAt(behind)[0]];
    };
    const hit = all.findIndex((column, at) => !gaps.has(at) && column.some(box => crosses(...ends(at), box)));
    if (hit < 0) {
      return known.flatMap(stopsAt);
    }
    const [[x1, y1], [x2, y2]] = ends(hit);
    const middle = (Math.min(...all[hit].map(box => box.left)) + Math.max(...all[hit].map(box => box.right))) / 2;
    const wanted = y1 + ((y2 - y1) * (middle - x1)) / (x2 - x1);
    const y = nearestGap(wanted, all[hit]);
    if (Math.abs(y - wanted) > FARTHEST) {
      return [];
    }
    gaps.set(hit, y);
  }
}

/** Cards that stand above one another. */
function columns(boxes: readonly IBox[]): IBox[][] {
  const found: IBox[][] = [];
  let end = -Infinity;
  for (const box of [...boxes].sort((one, other) => one.left - other.left)) {
    if (box.left < end) {
      found[found.length - 1].push(box);
    } else {
      found.push([box]);
    }
    end = Math.max(end, box.right);
  }
  return found;
}

function nearestGap(wanted: number, column: readonly IBox[]): number {
  const sorted = [...column].sort((one, other) => one.top - other.top);
  let [best, above] = [Infinity, -Infinity];
  const take = (low: number, high: number): void => {
    if (low <= high) {
      const y = Math.max(low, Math.min(high, wanted));
      best = Math.abs(y - wanted) < Math.abs(best - wanted) ? y : best;
    }
  };
  for (const { top, bottom } of sorted) {
    take(above + BESIDE, top - BESIDE);
    above = Math.max(above, bottom);
  }
  take(above + BESIDE, Infinity);
  return best;
}

function crosses(start: Place, end: Place, { left, right, top, bottom }: IBox): boolean {
  if (bottom + 2 < Math.min(start[1], end[1]) || top - 2 > Math.max(start[1], end[1])) {
    return false;
  }
  const [one, other] = handles(start, end);
  for (let at = 1; at < SAMPLES; at += 1) {
    const share = at / SAMPLES;
    const x = cubic(share, start[0], one[0], other[0], end[0]);
    const y = cubic(share, start[1], one[1], other[1], end[1]);
    if (x > left && x < right && y > top - 2 && y < bottom + 2) {
      return true;
    }
  }
  return false;
}

/** The handles of a Bézier curve that leaves and arrives along the layout; backwards it swings out, as React Flow's does. */
function handles([x1, y1]: Place, [x2, y2]: Place): [Place, Place] {
  const far = x2 >= x1 ? (x2 - x1) / 2 : 6.25 * Math.sqrt(x1 - x2);
  return [
    [x1 + far, y1],
    [x2 - far, y2]
  ];
}

const cubic = (t: number, a: number, b: number, c: number, d: number): number =>
  (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;
