import { Position } from '@xyflow/react';
import { expect, it } from 'vitest';
import type { IPort } from '../../../model/workflow/ports';
import { handlesOf, heightOf, roomOf } from './handles';

const port = (id: string): IPort => ({ id, name: id.slice(2) || null, detail: '', connected: false, required: false });
const SIZE = { width: 204, height: 78 };

it('spreads ports along their side, order aside, and turns them with the graph', () => {
  const ports = { inputs: [port('a:'), port('i:x'), port('i:y')], outputs: [port('o:z')] };
  const [order, x, y, z] = handlesOf(ports, 'LR', SIZE);
  expect([order, x, y, z].map(handle => handle.position)).toEqual([Position.Left, Position.Left, Position.Left, Position.Right]);
  expect(order.y).toBeLessThan(x.y);
  expect(x.y + y.y + 8).toBeCloseTo(78); // on both sides of the middle
  expect(z).toMatchObject({ id: 'o:z', type: 'source', x: 199, y: 35 });
  const turned = handlesOf(ports, 'TB', SIZE);
  expect(turned.map(handle => handle.position)).toEqual([Position.Top, Position.Top, Position.Top, Position.Bottom]);
  expect(turned[3]).toMatchObject({ x: 98, y: 73 });
});

it('gives order the middle when it is alone', () => {
  expect(handlesOf({ inputs: [port('a:')], outputs: [] }, 'LR', SIZE)[0]).toMatchObject({ x: -3, y: 35 });
});

it('grows with the ports beside a card', () => {
  const many = Array.from({ length: 9 }, (_, at) => port(`i:${at}`));
  expect(heightOf({ inputs: many, outputs: [] }, 'LR')).toBe(162);
  expect(heightOf({ inputs: many, outputs: [] }, 'TB')).toBe(78);
});

it('lets names of ports end before the next card', () => {
  const cards = ['a', 'b', 'c', 'd'].map(id => ({ id, ...SIZE }));
  const places: Record<string, [number, number]> = { a: [0, 0], b: [304, 40], c: [1000, 20], d: [304, 500] };
  expect(roomOf(cards[0], cards, places)).toEqual([160, 82]); // of 100 between a and b; d is below
  expect(roomOf(cards[1], cards, places)).toEqual([82, 160]);
  expect(roomOf(cards[3], cards, places)).toEqual([160, 160]);
});
