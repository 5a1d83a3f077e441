import { describe, expect, it } from 'vitest';
import type { IArtifactGroup, IInput, Value } from '../contract';
import { readCell, suggestName, suggestReturns, withDirective } from './cell';
import { placeholder, read, readMany, textOf, workflowField, type IField } from './fields';
import { runGiven } from './given';
import { parts, source } from './literals';
import { asName, nameProblem } from './names';
import { offers } from './offers';
import { filled, namedIn, order, type IFilled } from './order';

const t = (text: string, ...args: (string | number)[]) =>
  args.reduce<string>((said, arg, at) => said.replaceAll(`%${at + 1}`, String(arg)), text);
const field = (control: IField['control'], more: Partial<IField> = {}): IField => ({
  ...{ name: 'x', control, hint: null, help: '', default: null, choices: null },
  ...more
});
const value = (of: IField, text: string): Value | undefined => {
  const found = read(of, text, t);
  return found.kind === 'value' ? found.value : undefined;
};

describe('a value as Python writes it', () => {
  it.each<[Value, string]>([
    [null, 'None'],
    [true, 'True'],
    [[1, 'a', null], "[1, 'a', None]"],
    ["it's", "'it\\'s'"],
    ['a "b"', '\'a "b"\''],
    [{ a: { b: [false] } }, "{'a': {'b': [False]}}"],
    [{ $: 'tuple', v: [1] }, '(1,)'],
    [{ $: 'tuple', v: [1, 2] }, '(1, 2)'],
    [{ $: 'set', v: [1, 2] }, '{1, 2}'],
    [{ $: 'python', v: '1 + 2j' }, '1 + 2j']
  ])('of %j is %s', (given, said) => expect(source(given)).toBe(said));

  it('is nothing for what no literal can say', () => {
    expect(source({ $: 'path', v: '/tmp' })).toBeNull();
    expect(source([1, { $: 'datetime', v: '2026' }])).toBeNull();
  });
});

describe('text with commas', () => {
  it('is cut outside of brackets and quotes', () => {
    expect(parts('1, (2, 3), "a,b", {4: [5, 6]}')).toEqual(['1', '(2, 3)', '"a,b"', '{4: [5, 6]}']);
    expect(parts(String.raw`'it\', s', 2`)).toEqual([String.raw`'it\', s'`, '2']);
  });

  it.each(['(1, 2', '"a', '1)', '[1}'])('is refused when %s is not closed', text => expect(parts(text)).toBeNull());
});

describe('a field', () => {
  it('takes whole numbers, also those that are too long for a double', () => {
    expect(value(field('int'), ' 1_000 ')).toBe(1000);
    expect(value(field('int'), '-3')).toBe(-3);
    expect(value(field('int'), '12345678901234567890')).toEqual({ $: 'python', v: '12345678901234567890' });
    expect(read(field('int'), '1.5', t)).toEqual({ kind: 'problem', text: 'Write a whole number' });
  });

  it('takes numbers, and says that a whole one is a float', () => {
    expect(value(field('float'), '1e-3')).toBe(0.001);
    expect(value(field('float'), '.5')).toBe(0.5);
    expect(value(field('float'), '1')).toEqual({ $: 'float', v: '1' });
    expect(value(field('float'), '-inf')).toEqual({ $: 'float', v: '-inf' });
    expect(read(field('float'), 'ten', t).kind).toBe('problem');
  });

  it('takes text as it is, and the empty one in quotes', () => {
    expect(value(field('str'), ' a ')).toBe(' a ');
    expect(value(field('str'), "''")).toBe('');
    expect(read(field('str', { default: "'x'" }), '', t).kind).toBe('default');
  });

  it('takes what can be chosen, with its type', () => {
    const choice = field('choice', { choices: [1, 'auto', null] });
    expect(value(choice, '1')).toBe(1);
    expect(value(choice, 'auto')).toBe('auto');
    expect(value(choice, 'None')).toBeNull();
    expect(read(choice, 'two', t)).toEqual({ kind: 'problem', text: 'Choose one of 1, auto, None' });
  });

  it('takes any literal, when its brackets are closed', () => {
    expect(value(field('python'), '(1, 2)')).toEqual({ $: 'python', v: '(1, 2)' });
    expect(read(field('python'), '(1, 2', t).kind).toBe('problem');
  });

  it('is needed when it has no default', () => {
    expect(read(field('int'), '', t)).toEqual({ kind: 'problem', text: 'Is needed' });
  });

  it('shows its default where the text would be, without quotes', () => {
    expect(placeholder(field('str', { default: "'raw.csv'" }))).toBe('raw.csv');
    expect(placeholder(field('python', { default: 'None' }))).toBe('None');
  });

  it.each<[IField['control'], Value]>([
    ['int', 3],
    ['float', 0.25],
    ['str', 'a, b'],
    ['str', ''],
    ['bool', false]
  ])('of %s shows %j so that it is read as itself', (control, given) => {
    expect(value(field(control), textOf(field(control), given))).toEqual(given);
  });

  it('reads many values with commas between', () => {
    expect(readMany(field('int'), '1, 2,3', t)).toEqual({ values: [1, 2, 3] });
    expect(readMany(field('str'), 'a, "b,c"', t)).toEqual({ values: ['a', 'b,c'] });
    expect(readMany(field('int'), '1, x', t)).toEqual({ problem: 'Write a whole number' });
    expect(readMany(field('int'), ' ', t)).toHaveProperty('problem');
  });

  it('of a workflow knows its type by the default', () => {
    const param = { name: 'x', default: 0.5 as Value, required: false, type: null, help: '' };
    expect(workflowField(param)).toMatchObject({ control: 'float', default: '0.5' });
    expect(workflowField({ ...param, default: 'a', type: 'str' })).toMatchObject({ control: 'str', default: "'a'" });
    expect(workflowField({ ...param, default: null, required: true, type: 'int' })).toMatchObject({
      control: 'int',
      default: null
    });
  });
});

describe('what is asked for', () => {
  const fields = [field('int', { name: 'depth', default: '2' }), field('float', { name: 'rate', default: '0.1' })];
  const inputs: IInput[] = [{ name: 'data', hint: null, default: null, required: true }];
  const form = (more: Partial<IFilled> = {}): IFilled => ({ ...filled(fields, inputs, undefined, ['data']), ...more });

  it('is what was written; defaults stay with the Function', () => {
    const asked = order(fields, inputs, form({ params: { depth: '4', rate: '' } }), undefined, t);
    expect(asked).toEqual({ options: { params: { depth: 4 }, inputs: { data: 'data' } }, problems: {}, points: null });
  });

  it('takes the artifact that is named like the input', () => {
    expect(form().inputs).toEqual({ data: 'data' });
    expect(filled(fields, inputs, undefined, ['other']).inputs).toEqual({ data: '' });
  });

  it('names what is missing or wrong', () => {
    const asked = order(fields, inputs, form({ params: { depth: 'x', rate: '' }, inputs: { data: ' ' } }), undefined, t);
    expect(Object.keys(asked.problems).sort()).toEqual(['data', 'depth']);
  });

  it('is a sweep over the grid of what is swept', () => {
    const swept = form({ params: { depth: '2, 4', rate: '0.1, 0.2, 0.3' }, swept: new Set(['depth', 'rate']) });
    swept.options = { ...swept.options, best: 'min', result: 'loss', timeout: '10m', parallel: '2' };
    const { options, points } = order(fields, inputs, swept, undefined, t);
    expect(points).toBe(6);
    expect(options.sweep).toEqual({ grid: { depth: [2, 4], rate: [0.1, 0.2, 0.3] }, select: 'min:loss' });
    expect(options).toMatchObject({ parallel: 2, params: {} });
    expect(options).not.toHaveProperty('timeout'); // a sweep refuses it
  });

  it('of a run that is run again is only what differs', () => {
    const given = runGiven({
      id: 'r1',
      values: { depth: 3, rate: { $: 'float', v: '1' } },
      inputs: [{ name: 'data', uri: 'store://x', hash: null, artifact: null, key: null, kind: null }]
    });
    const begun = filled(fields, inputs, given, ['data']);
    expect(begun).toMatchObject({ params: { depth: '3', rate: '1' }, inputs: { data: 'store://x' } });
    expect(order(fields, inputs, begun, given, t).options).toEqual({ params: {}, inputs: {} });
    const changed = { ...begun, params: { depth: '5', rate: '' } };
    expect(order(fields, inputs, changed, given, t).options.params).toEqual({ depth: 5, rate: { $: 'python', v: '0.1' } });
  });

  it('of a list that is given again is one text, which goes only when it changed', () => {
    const item = (name: string, uri: string) => ({ name, uri, hash: null, artifact: null, key: null, kind: null });
    const given = runGiven({ id: 'r1', values: {}, inputs: [item('data[0]', 'a'), item('data[10]', 'k'), item('data[2]', 'c')] });
    const begun = filled(fields, inputs, given, ['data']);
    expect(begun.inputs.data).toBe('a, c, k');
    expect(order(fields, inputs, begun, given, t)).toMatchObject({ problems: {}, options: { inputs: {} } });
    const changed = { ...begun, inputs: { data: 'a, c' } };
    expect(order(fields, inputs, changed, given, t).options.inputs).toEqual({ data: 'a, c' });
  });

  it('keeps what no text can say', () => {
    const path: Value = { $: 'path', v: '/tmp' };
    const given = { params: { depth: path } };
    const begun = filled(fields, inputs, given, ['data']);
    expect(order(fields, inputs, begun, given, t).options.params).toEqual({ depth: path });
  });

  it('has the options that were written', () => {
    const begun = form();
    begun.options = {
      ...begun.options,
      name: 'mine',
      tags: 'a=1, b = x=y',
      retries: '2',
      timeout: '10m',
      cache: false,
      only: 'raw'
    };
    expect(order(fields, inputs, begun, undefined, t).options).toMatchObject({
      ...{ name: 'mine', tags: { a: '1', b: 'x=y' }, retries: 2, timeout: '10m', cache: false, only: ['raw'] }
    });
    begun.options = { ...begun.options, tags: 'nothing', retries: '-1' };
    expect(order(fields, inputs, begun, undefined, t).problems).toHaveProperty('tags');
    expect(order(fields, inputs, begun, undefined, t).problems).toHaveProperty('retries');
  });

  it('finds the field that a refusal names', () => {
    const names = ['depth', 'max_depth', 'rate'];
    expect(namedIn("train can't run: max_depth needs an int.", names)).toEqual(['max_depth']);
    expect(namedIn("'rate': no such thing", names)).toEqual(['rate']);
    expect(namedIn('nothing of it', names)).toEqual([]);
  });
});

describe('a name', () => {
  it.each([
    ['Train model!', 'train_model'],
    ['2nd try', 'nd_try'],
    ['fitLine', 'fit_line'],
    ['Über Größe', 'uber_gro_e'],
    ['***', '']
  ])('of %s is %s', (words, name) => expect(asName(words)).toBe(name));

  it('breaks the rule, or not', () => {
    expect(nameProblem('train_2', t)).toBeNull();
    expect(nameProblem('Train', t)).not.toBeNull();
    expect(nameProblem('', t)).not.toBeNull();
  });
});

describe('a cell', () => {
  it('is read below its directive, in both spellings', () => {
    for (const line of [
      '%%mlfunction train --inputs data x --returns m s:table',
      '#| mlfunction train --inputs data x --returns m s:table'
    ]) {
      expect(readCell(`\n${line}\nk = 1`)).toEqual({
        directive: { name: 'train', inputs: ['data', 'x'], returns: ['m', 's:table'], description: '', others: [] },
        code: 'k = 1'
      });
    }
  });

  it('has no directive when another tool wrote the comment', () => {
    expect(readCell('#| export\nk = 1').directive).toBeNull();
  });

  it('tells of options that need the kernel', () => {
    const { directive } = readCell('%%mlfunction train --timeout 10m --description "fits, well"\nk = 1');
    expect(directive).toMatchObject({ others: ['--timeout'], description: 'fits, well' });
  });

  it('gets the line on top', () => {
    expect(withDirective('k = 1', 'train', ['m'])).toBe('#| mlfunction train --returns m\nk = 1');
    expect(withDirective('k = 1', 'train', [])).toBe('#| mlfunction train\nk = 1');
  });

  it('keeps its other options when the line is written anew', () => {
    const before = '%%mlfunction train --timeout 10m --returns m\nk = 1';
    expect(withDirective(before, 'train', ['m'])).toBe(before);
    expect(withDirective(before, 'fit', ['m', 's'])).toBe('#| mlfunction fit --timeout 10m --returns m s\nk = 1');
  });

  it('is named by its comment, its function, what it makes, or the notebook', () => {
    expect(suggestName('# Load the data\nx = f()', 'nb', [])).toBe('load_the_data');
    expect(suggestName('def fit(x):\n    pass', 'nb', [])).toBe('fit');
    expect(suggestName('table = f()', 'nb', [])).toBe('make_table');
    expect(suggestName('print(1)', 'My notebook', [])).toBe('my_notebook');
    expect(suggestName('table = f()', 'nb', ['make_table'])).toBe('make_table_2');
  });

  it('keeps what later cells use of it, else what it makes last', () => {
    const code = 'k: int = 3\nmodel, score = fit(k)\n_tmp = 1\nreport = f(model)';
    expect(suggestReturns(code, ['print(score)'])).toEqual(['score']);
    expect(suggestReturns(code, [])).toEqual(['report']);
    expect(suggestReturns('k = 3', ['k'])).toEqual([]);
  });
});

describe('what is offered for an input', () => {
  const group = (key: string, kind: IArtifactGroup['kind'], tags: string[] = []): IArtifactGroup => ({
    ...{ key, kind, versions: 2, tags },
    latest: {
      uid: key,
      key,
      kind,
      size: 1,
      hash: '',
      type: '',
      created: 1,
      run: null,
      function: null,
      tags,
      uri: `store://${key}`
    }
  });
  const groups = [group('report', 'plot'), group('model', 'model', ['latest', 'best']), group('clean', 'dataset')];
  const input = (name: string): IInput => ({ name, hint: null, default: null, required: true });

  it('is the likeliest first, with its tags', () => {
    expect(offers(input('model'), groups, '', []).map(({ value: key }) => key)).toEqual([
      'model',
      'model:best',
      'clean',
      'report'
    ]);
    expect(offers(input('data'), groups, '', [])[0].value).toBe('clean');
  });

  it('is what fits the words', () => {
    expect(offers(input('data'), groups, 'mod', []).map(({ value: key }) => key)).toEqual(['model', 'model:best']);
  });

  it('has the versions of a key that is written in full', () => {
    const version = { ...groups[2].latest, uri: 'store://clean^1' };
    expect(offers(input('data'), groups, 'clean', [version])[1]).toMatchObject({ value: 'store://clean^1', isVersion: true });
  });
});
