import { render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Traceback } from './Traceback';

const looks = (lines: string[]) =>
  [...render(<Traceback lines={lines} />).container.querySelectorAll('pre > span')].map(({ className }) => className);

test('of IPython without colours shows where it went, and what was raised', () => {
  const lines = [
    'KeyError                          Traceback (most recent call last)',
    'Cell In[2], line 2',
    '      1 x = {}',
    "----> 2 x['a']",
    'File site-packages/pandas/frame.py:4330, in DataFrame.__getitem__(self, key)',
    "KeyError: 'a'"
  ];
  const raised = 'jmo-ansi-1 jmo-ansi-bold';
  expect(looks(lines)).toEqual([raised, 'jmo-ansi-6', '', 'jmo-ansi-bold', 'jmo-ansi-6', raised]);
});

test('of Python, too', () => {
  const lines = ['Traceback (most recent call last):', '  File "train.py", line 3, in fit', '    raise Stop', 'models.Stop'];
  expect(looks(lines)).toEqual(['', 'jmo-ansi-6', '', 'jmo-ansi-1 jmo-ansi-bold']);
});

test('with colours of its own keeps them', () => {
  expect(looks(['\u001b[31mKeyError: x', 'Cell In[2], line 2\u001b[0m'])).toEqual(['', '']);
});
