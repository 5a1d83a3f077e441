import { describe, expect, it } from 'vitest';
import { asPython, EXTRACTOR, OVERRIDE } from './override';

const first = (cell: string) => asPython(cell)?.split('\n')[0];
const isSilent = (line: string) => new RegExp(OVERRIDE.pattern).test(line);
const back = (line: string) => line.replace(new RegExp(OVERRIDE.reverse.pattern), OVERRIDE.reverse.replacement);

describe('what a language server sees of a Function', () => {
  it('is its body, on the lines and columns that it is on', () => {
    const cell = '%%mlfunction train --returns m\nk: int = 3  # deep\n\n  odd = 1\nm = k\n';
    expect(asPython(cell)).toBe(`if "%%mlfunction train --returns m": pass${cell.slice(cell.indexOf('\n'))}`);
  });

  it.each(['%%mlfunction train', '%%mlrun', '#| mlfunction train --inputs a', '  #|mlrun x', '\n\n%%mlfunction train'])(
    'is Python from the first line on: %j',
    directive => {
      const code = asPython(`${directive}\nx = 1`) ?? '';
      expect(code).not.toMatch(/^\s*(%|#)/m); // an override of a whole cell would silence the whole cell
      expect(code.split('\n')).toHaveLength(directive.split('\n').length + 1);
      expect(code.split('\n').filter(isSilent)).toHaveLength(1);
    }
  );

  it.each([
    '%%mlworkflow nightly',
    '%%mlfunctions x',
    '%mlrun train',
    '#| echo: false',
    '#| mlrun: x',
    '# mlrun',
    'x = 1\n%%mlrun'
  ])('is left alone when it is none: %j', cell => {
    expect(asPython(`${cell}\nx = 1`)).toBeNull();
    expect(EXTRACTOR.hasForeignCode(`${cell}\nx = 1`)).toBe(false);
  });

  it('stays in the notebook’s own document, so that what is defined above is known', () => {
    const cell = '%%mlrun\nx = 1';
    expect(EXTRACTOR.extractForeignCode(cell)).toEqual([
      { hostCode: asPython(cell), foreignCode: null, range: null, virtualShift: null }
    ]);
  });
});

describe('a name that only the declaration defines', () => {
  it.each([
    ['%%mlfunction f --inputs data other:DataFrame --returns y', 'data = data; other = other'],
    ['#| mlfunction f --inputs=data,other --returns y', 'data = data; other = other'],
    ['%%mlrun --inputs data, --timeout 9m --inputs größe', 'data = data; größe = größe'],
    ['%%mlfunction f --returns y --inputs data # and more', 'data = data'],
    ['%%mlfunction f --returns y', 'pass']
  ])('is defined by %j', (directive, statement) => {
    expect(first(`${directive}\ny = 1`)).toBe(`if ${JSON.stringify(directive)}: ${statement}`);
  });

  it('is defined by an annotation without a value', () => {
    const body =
      'import os\ntable: pd.DataFrame\ndepth: int  # = 3 in most cases\nrate: float = 0.1\nif os:\n    inner: int\nelse: depth\n';
    expect(first(`%%mlfunction f --inputs table\n${body}`)).toBe(
      'if "%%mlfunction f --inputs table": table = table; depth = depth'
    );
  });
});

describe('a rename', () => {
  it.each([
    '%%mlfunction f --inputs a b',
    '#| mlrun',
    '%%mlfunction f --description "it\'s a \\"test\\" \\\\ ü"',
    '#\t| mlrun\tx'
  ])('writes the directive as it was: %j', directive => expect(back(first(`${directive}\na: int`) ?? '')).toBe(directive));

  it.each(['if "x": pass', 'if "%%mlrun" in line: pass', '# %%mlrun', '%%mlrun'])(
    'leaves a line of the user’s alone: %j',
    line => {
      expect(isSilent(line)).toBe(false);
      expect(back(line)).toBe(line);
    }
  );
});
