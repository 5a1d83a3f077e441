/** Where ports are on a card: known beforehand, so that nothing has to be measured before connections are drawn. */
import { type NodeHandle, Position } from '@xyflow/react';
import type { Place } from '../../../model/workflow/edits';
import type { Direction, INodeSize } from '../../../model/workflow/layout';
import { AFTER, type IPort, type IPorts } from '../../../model/workflow/ports';

/** Of every card. */
export const WIDTH = 204;
/** Room for every port beside the card. */
export const heightOf = (ports: IPorts, direction: Direction): number =>
  direction === 'TB'
    ? 78
    : Math.max(78, 18 * Math.max(ports.inputs.filter(port => port.id !== AFTER).length, ports.outputs.length));

/** Width of a port's name, at most and at least, and how far it keeps from its own card and the next. */
const LABEL = 160;
const LEAST = 24;
const BESIDE = 18;

/** Width and height of a port's dot. */
const DOT = 8;
/** Of the card's border, within which places are counted. */
const BORDER = 1;
/** Where order has its port when there are others. */
const CORNER = 10;

export type Side = 'source' | 'target';

export function positionOf(side: Side, direction: Direction): Position {
  if (direction === 'LR') {
    return side === 'target' ? Position.Left : Position.Right;
  }
  return side === 'target' ? Position.Top : Position.Bottom;
}

/** How wide names of ports beside a card may be: as far as its next neighbour on either side, or what is read with ease. */
export function roomOf(card: INodeSize, cards: readonly INodeSize[], places: Record<string, Place>): readonly [number, number] {
  const [left, top] = places[card.id];
  const room: [number, number] = [LABEL, LABEL];
  for (const other of cards) {
    const [x, y] = places[other.id];
    if (other.id !== card.id && y < top + card.height && y + other.height > top) {
      const gaps = [left - (x + other.width), x - (left + card.width)];
      gaps.forEach((gap, side) => gap >= 0 && (room[side] = Math.min(room[side], Math.max(LEAST, gap - BESIDE))));
    }
  }
  return room;
}

/** Whether a port is the one for order, which stands aside. */
export const isAside = (port: IPort, ports: readonly IPort[]): boolean => port.id === AFTER && ports.length > 1;

/** How far along its side a port is: a number of pixels, or a share of the side's length. */
export function along(port: IPort, ports: readonly IPort[]): { pixels: number } | { share: number } {
  if (isAside(port, ports)) {
    return { pixels: CORNER };
  }
  const data = ports.filter(other => other.id !== AFTER);
  return { share: (Math.max(0, data.indexOf(port)) + 1) / (Math.max(1, data.length) + 1) };
}

export function handlesOf(ports: IPorts, direction: Direction, size: { width: number; height: number }): NodeHandle[] {
  return [...sideOf(ports.inputs, 'target', direction, size), ...sideOf(ports.outputs, 'source', direction, size)];
}

function sideOf(
  ports: readonly IPort[],
  type: Side,
  direction: Direction,
  size: { width: number; height: number }
): NodeHandle[] {
  const length = (direction === 'LR' ? size.height : size.width) - 2 * BORDER;
  const depth = direction === 'LR' ? size.width : size.height;
  return ports.map(port => {
    const place = along(port, ports);
    const at = BORDER + ('pixels' in place ? place.pixels : place.share * length) - DOT / 2;
    const across = (type === 'target' ? BORDER : depth - BORDER) - DOT / 2;
    const [x, y] = direction === 'LR' ? [across, at] : [at, across];
    return { id: port.id, type, position: positionOf(type, direction), x, y, width: DOT, height: DOT };
  });
}
