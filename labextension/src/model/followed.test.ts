import { expect, it } from 'vitest';
import { Followed } from './followed';

it('follows a run until the last who does ends it, whoever ends twice', () => {
  const told: string[][] = [];
  const followed: Followed = new Followed(() => told.push(followed.runs));
  const first = followed.add('a');
  const second = followed.add('a');
  followed.add('b');
  first();
  first();
  second();
  expect(told).toEqual([['a'], ['a'], ['a', 'b'], ['a', 'b'], ['b']]);
});
