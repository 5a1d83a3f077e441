import { expect, it } from 'vitest';
import { bytes, number } from './format';

it('says sizes in two or three digits', () => {
  expect([0, 950, 1500, 99_900, 100_400, 999_600].map(bytes)).toEqual(['0 B', '950 B', '1.5 kB', '100 kB', '100 kB', '1.0 MB']);
});

it('says numbers without needless zeros', () => {
  expect([8e307, 1.2345e29, -2e-7, 1e-12].map(number)).toEqual(['8e+307', '1.2345e+29', '-2e-7', '1e-12']);
});
