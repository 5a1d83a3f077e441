import { describe, expect, test } from 'vitest';
import { amount, entered, enteredEnv, enteredList, typedEnv, typedList, typedOf } from './typed';

const t = (text: string) => text;

describe('what is typed', () => {
  test('becomes a value of the type', () => {
    expect(entered('3', 'int', t)).toEqual({ value: 3, error: null });
    expect(entered('1_000', 'int', t)).toEqual({ value: 1000, error: null });
    expect(entered('1e-3', 'float', t)).toEqual({ value: 0.001, error: null });
    expect(entered(' text ', 'str', t)).toEqual({ value: ' text ', error: null });
    expect(entered('(1, "a")', 'python', t)).toEqual({ value: { $: 'tuple', v: [1, 'a'] }, error: null });
  });
  test('of another type is refused in words', () => {
    expect(entered('3.5', 'int', t).error).toBeTruthy();
    expect(entered('three', 'float', t).error).toBeTruthy();
    expect(entered('os.getcwd()', 'python', t).error).toBeTruthy();
    expect(entered('123456789012345678901', 'int', t).error).toBeTruthy();
  });
  test('nothing is nothing, None is None, and a reference is one in any field', () => {
    expect(entered('  ', 'int', t)).toEqual({ value: undefined, error: null });
    expect(entered('None', 'int', t)).toEqual({ value: { $: 'python', v: 'None' }, error: null });
    expect(entered('${params.depth}', 'int', t)).toEqual({ value: '${params.depth}', error: null });
  });
  test('comes back as it was typed', () => {
    expect([typedOf(3, 'int'), typedOf('a', 'str'), typedOf('a', 'python'), typedOf('${a.b}', 'python')]).toEqual([
      '3',
      'a',
      '"a"',
      '${a.b}'
    ]);
    expect(typedOf(undefined, 'int')).toBe('');
  });
  test('may be a list without brackets', () => {
    expect(enteredList('2, 4, 8', t)).toEqual({ value: [2, 4, 8], error: null });
    expect(enteredList('[2]', t)).toEqual({ value: [2], error: null });
    expect(typedList([2, 'a'])).toBe('2, "a"');
  });
  test('may be seconds or a time', () => {
    expect([amount('10m'), amount(' 90 '), amount('1.5')]).toEqual(['10m', 90, 1.5]);
  });
  test('may be the environment, line by line', () => {
    expect(enteredEnv('LEVEL=3\n\nPATH_TO = a=b ', t)).toEqual({ value: { LEVEL: '3', PATH_TO: 'a=b' }, error: null });
    expect(enteredEnv('nonsense', t).error).toBeTruthy();
    expect(typedEnv({ LEVEL: '3' })).toBe('LEVEL=3');
  });
});
