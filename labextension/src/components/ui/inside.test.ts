import { expect, it } from 'vitest';
import { shift } from './inside';

it('moves what would be cut off into the panel, and what is wider to its beginning', () => {
  const panel = { left: 100, right: 500 };
  expect(shift({ left: 150, right: 450 }, panel)).toBe(0);
  expect(shift({ left: 60, right: 360 }, panel)).toBe(44);
  expect(shift({ left: 300, right: 600 }, panel)).toBe(-104);
  expect(shift({ left: 110, right: 700 }, panel)).toBe(-6);
});
