import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import type { Value } from '../contract';
import { read } from './document';
import * as edits from './edits';
import { copySteps, isFragment, paste } from './fragments';
import { renamedCondition } from './renames';
import { connect, connectOrder, disconnect, reconnect } from './wiring';
import { edgesOf } from './graph';

const NIGHTLY = `# Runs each night, mind the cluster.
name: nightly   # the file is called so
description: Trains each night.
params:
  source: data/raw.csv
  depth: {default: 4, type: int, help: of the tree}


steps:
  # where the data come from
  raw:
    function: ingest     # never change this
    params: {source: "\${params.source}", shape: !tuple [1, 2], seed: 12345678901234567890}
  train:
    function: train@1a2b3c
    params:
      max_depth: "\${params.depth}"   # deep
      # the rate
      rate: 0.10
    inputs: {data: "\${raw.data}"}
    when: raw.rows > 100 and raw.name == "raw.csv"
    # what comes now is new
  score:
    function: evaluate
    inputs:
      models: ["\${train.model}", '\${raw.baseline}']
    after:
      - raw   # first
      - train
on_exit: {function: tell, params: {state: "\${run.state}", rows: "\${raw.rows}"}}
outputs: {model: "\${train.model}"}
layout: {raw: [0, 0], train: [240, 0], score: [480, 0]}
`;

const doc = (text: string) => {
  const found = read(text);
  if (!found.doc) {
    throw new Error(found.problem.text);
  }
  return found.doc;
};
const step = (text: string, name: string) => doc(text).steps.find(each => each.name === name)!;
const changed = (before: string, after: string) => {
  const old = new Set(before.split('\n'));
  return after.split('\n').filter(line => !old.has(line));
};
const comments = (text: string) => (text.match(/#.*$/gm) ?? []).map(comment => comment.trim());

describe('reading', () => {
  it('tells what the YAML says, with tags, references and lines', () => {
    const found = doc(NIGHTLY);
    expect(found.name).toBe('nightly');
    expect(found.params).toEqual([
      { name: 'source', default: 'data/raw.csv', required: false, type: null, help: '' },
      { name: 'depth', default: 4, required: false, type: 'int', help: 'of the tree' }
    ]);
    expect(found.steps.map(each => each.name)).toEqual(['raw', 'train', 'score']);
    expect(found.steps[0].params.shape).toEqual({ $: 'tuple', v: [1, 2] });
    expect(found.steps[2]).toMatchObject({ after: ['raw', 'train'], line: 23 });
    expect(found.on_exit?.function).toBe('tell');
    expect(found.layout.score).toEqual([480, 0]);
  });

  it.each([
    ['steps: [', 1],
    ['name: x\nname: y\n', 2],
    ['- a\n', 1],
    ['name: x\nsteps:\n  a: b: c\n', 3]
  ])('says in which line %j can’t be read', (text, line) => {
    expect(read(text)).toMatchObject({ doc: null, problem: { line } });
  });

  it('takes odd shapes for nothing, which the server complains of', () => {
    const found = doc('name: 3\nsteps:\n  a: train\n  b:\n  c: {params: 3, after: b}\nlayout: {a: x, c: [1, 2]}\nparams: [1]\n');
    expect(found.steps.map(each => [each.function, each.after])).toEqual([
      [null, []],
      [null, []],
      [null, ['b']]
    ]);
    expect(found.layout).toEqual({ c: [1, 2] });
  });
});

describe('every edit', () => {
  const EDITS: Record<string, (text: string) => string> = {
    'adding a step': text => edits.addStep(text, 'fresh', { function: 'prepare' }, [10.4, 20.6]),
    'adding a workflow': text => edits.addStep(text, 'sub', { workflow: 'weekly' }),
    'renaming a step': text => edits.renameStep(text, 'raw', 'loaded'),
    connecting: text =>
      connect(text, { step: 'raw', output: 'extra' }, { step: 'train', slot: { field: 'inputs', name: 'data' } }),
    'connecting a param': text =>
      connect(text, { step: 'raw', output: 'n' }, { step: 'train', slot: { field: 'params', name: 'rate' } }),
    ordering: text => connectOrder(text, 'raw', 'train'),
    'setting a param': text => edits.setItem(text, 'raw', 'params', 'rows', 7),
    'setting a field': text => edits.setField(text, 'train', 'retries', 2),
    'setting a param of the workflow': text => edits.setParam(text, 'day', { type: 'str' }),
    moving: text => edits.move(text, { train: [300, 5] }),
    describing: text => edits.setDescription(text, 'Other: words'),
    'setting an output': text => edits.setOutput(text, 'rows', '${raw.rows}')
  };

  it.each(Object.keys(EDITS))('keeps comments, tags, numbers and order: %s', name => {
    const text = EDITS[name](NIGHTLY);
    expect(text).not.toBe(NIGHTLY);
    expect(comments(text)).toEqual(comments(NIGHTLY));
    expect(text).toContain('12345678901234567890');
    expect(text).toContain('!tuple [1, 2]');
    expect(text).toContain('rate: ' + (name === 'connecting a param' ? '"${raw.n}"' : '0.10'));
    expect(Object.keys(parse(text, { logLevel: 'silent' }) as object).slice(0, 4)).toEqual([
      'name',
      'description',
      'params',
      'steps'
    ]);
  });

  it.each(Object.keys(EDITS))('works in a text that is written in one line, too: %s', name => {
    const flow =
      'name: x\ndescription: y\nparams: {depth: 1}\nsteps: {raw: {function: ingest}, train: {function: train, inputs: {data: "${raw.data}"}, params: {rate: 1}}}\n';
    const text = EDITS[name](flow);
    const found = doc(text);
    expect(text).not.toBe(flow);
    expect(found.steps.length).toBe(name.startsWith('adding') ? 3 : 2);
    expect(found.steps[1].params).toHaveProperty('rate');
  });

  it('touches only the lines that it changes', () => {
    expect(changed(NIGHTLY, edits.setField(NIGHTLY, 'train', 'retries', 2))).toEqual(['    retries: 2']);
    expect(changed(NIGHTLY, EDITS.connecting(NIGHTLY))).toEqual(['    inputs: {data: ["${raw.data}", "${raw.extra}"]}']);
    expect(changed(NIGHTLY, edits.setItem(NIGHTLY, 'train', 'params', 'rate', 0.2))).toEqual(['      rate: 0.2']);
  });
});

describe('adding and removing steps', () => {
  it('begins a workflow from nothing', () => {
    const text = edits.addStep('name: fresh\n', 'raw', { function: 'ingest' }, [0, 0]);
    expect(text).toBe('name: fresh\nsteps:\n  raw:\n    function: ingest\nlayout:\n  raw: [0, 0]\n');
    expect(edits.addStep('name: fresh\nsteps: {}\n', 'raw', { function: 'ingest' })).toBe(
      'name: fresh\nsteps:\n  raw:\n    function: ingest\n'
    );
    expect(doc(edits.addStep('', 'raw', { function: 'ingest' })).steps[0].function).toBe('ingest');
  });

  it('refuses a name that is taken or none', () => {
    expect(() => edits.addStep(NIGHTLY, 'raw', { function: 'ingest' })).toThrow('“raw” already');
    for (const name of ['Raw', '1st', 'params', 'class', '']) {
      expect(() => edits.addStep(NIGHTLY, name, { function: 'ingest' })).toThrow('can’t name a step');
    }
  });

  it('takes references to removed steps away, and groups that get empty', () => {
    const text = edits.removeSteps(NIGHTLY, ['raw']);
    expect(step(text, 'train')).toMatchObject({ inputs: {}, when: expect.stringContaining('raw.rows') });
    expect(step(text, 'score')).toMatchObject({ inputs: { models: ['${train.model}'] }, after: ['train'] });
    expect(doc(text).on_exit?.params).toEqual({ state: '${run.state}' });
    expect(Object.keys(doc(text).layout)).toEqual(['train', 'score']);
    expect(comments(text)).toContain('# deep');
  });

  it('can take all steps away and begin anew', () => {
    const bare = edits.removeSteps(NIGHTLY, ['raw', 'train', 'score', 'on_exit']);
    expect(doc(bare)).toMatchObject({ steps: [], on_exit: null, outputs: {}, layout: {} });
    expect(doc(edits.addStep(bare, 'again', { function: 'x' })).steps.length).toBe(1);
  });

  it.each([['raw'], ['train'], ['score'], ['raw', 'score'], ['train', 'score']])(
    'leaves the others as they are without %j',
    (...names) => {
      const text = edits.removeSteps(NIGHTLY, names);
      for (const left of doc(NIGHTLY).steps.filter(each => !names.includes(each.name))) {
        expect(step(text, left.name)).toMatchObject({ function: left.function, params: left.params });
      }
    }
  );
});

describe('renaming', () => {
  it('is followed by references, order, conditions, outputs, the end and the layout', () => {
    const text = edits.renameStep(NIGHTLY, 'raw', 'loaded');
    expect(text).toContain('when: loaded.rows > 100 and loaded.name == "raw.csv"');
    expect(text).toContain(`models: ["\${train.model}", "\${loaded.baseline}"]`);
    expect(text).toContain('- loaded   # first');
    expect(doc(text).on_exit?.params.rows).toBe('${loaded.rows}');
    expect(doc(text).layout.loaded).toEqual([0, 0]);
    expect(text.replaceAll('"raw.csv"', '').replaceAll('data/raw.csv', '')).not.toMatch(/\braw\b/);
  });

  it('and back gives what there was', () => {
    for (const name of ['raw', 'train', 'score']) {
      const back = edits.renameStep(edits.renameStep(NIGHTLY, name, 'other'), 'other', name);
      expect(doc(back)).toEqual(doc(NIGHTLY));
    }
  });

  it('of a parameter is followed by its references', () => {
    const text = edits.renameParam(NIGHTLY.replace('raw.rows >', 'params.depth >'), 'depth', 'deep');
    expect(text).toContain('when: params.deep > 100');
    expect(step(text, 'train').params.max_depth).toBe('${params.deep}');
    expect(doc(text).params.map(each => each.name)).toEqual(['source', 'deep']);
  });

  it('leaves the words of other names alone', () => {
    const rename = (found: { step: string; output: string }) => (found.step === 'raw' ? { ...found, step: 'new' } : found);
    expect(renamedCondition('raw.x > 1 and draw.x and raw2.x and a.raw.b and "raw.x" == raw .y', rename)).toBe(
      'new.x > 1 and draw.x and raw2.x and a.raw.b and "raw.x" == new .y'
    );
  });
});

describe('fields', () => {
  it('set and taken away again give the same meaning', () => {
    const values: [edits.StepField, Parameters<typeof edits.setField>[3]][] = [
      ['when', 'raw.rows > 3'],
      ['foreach', { part: '${raw.parts}' }],
      ['retries', 3],
      ['timeout', '10m'],
      ['cache', false],
      ['resources', { cpu: 2, mem: '4G' }],
      ['env', { LEVEL: '3' }],
      ['sweep', { grid: { rate: [0.1, 1e-7] } }]
    ];
    for (const [field, value] of values) {
      const text = edits.setField(NIGHTLY, 'raw', field, value);
      expect(step(text, 'raw')[field]).toEqual(value);
      expect(edits.setField(text, 'raw', field, null)).toBe(NIGHTLY);
    }
  });

  it('come in the order of the language', () => {
    const text = ['env', 'retries', 'when', 'inputs'].reduce(
      (left, field) => edits.setField(left, 'raw', field as 'env', field === 'inputs' || field === 'env' ? { a: 'b' } : 'x'),
      NIGHTLY
    );
    const lines = text.split('\n');
    const at = lines.findIndex(line => line.startsWith('    function: ingest'));
    expect(lines.slice(at + 1, at + 6).map(line => line.trim().split(':')[0])).toEqual([
      'params',
      'inputs',
      'when',
      'retries',
      'env'
    ]);
  });

  it.each([
    'yes',
    'true',
    '3',
    '',
    'a: b',
    '# no',
    '- x',
    'line\nbreak',
    '“ü” ',
    '${a.b}',
    '!x',
    "it's",
    '\u2028',
    'null',
    '1e3',
    '@x'
  ])('hold the text %j as it is', value => {
    expect(step(edits.setItem(NIGHTLY, 'raw', 'params', 'x', value), 'raw').params.x).toBe(value);
  });

  const VALUES: Value[] = [
    1,
    -2.5,
    1e21,
    1e-7,
    true,
    false,
    [1, [2]],
    { a: { b: [] } },
    { $: 'tuple', v: [1, 'x'] },
    { $: 'date', v: '2026-01-02' }
  ];
  it.each(VALUES.map(value => ({ value })))('hold the value $value', ({ value }) => {
    expect(step(edits.setItem(NIGHTLY, 'raw', 'params', 'x', value), 'raw').params.x).toEqual(value);
  });

  it('take Python’s literals', () => {
    const text = edits.setItem(NIGHTLY, 'raw', 'params', 'x', { $: 'python', v: "(1, 'a', [None, True])" });
    expect(text).toContain('x: !tuple [1, a, [null, true]]');
    expect(() => edits.setItem(NIGHTLY, 'raw', 'params', 'x', { $: 'python', v: 'open(1)' })).toThrow('literal');
  });

  it('of the end are fields, too', () => {
    const text = edits.setItem(NIGHTLY, 'on_exit', 'params', 'to', 'me');
    expect(doc(text).on_exit?.params).toEqual({ state: '${run.state}', rows: '${raw.rows}', to: 'me' });
    const fresh = edits.setOnExit(edits.setOnExit(NIGHTLY, null), { function: 'tell' });
    expect(doc(edits.setItem(fresh, 'on_exit', 'params', 'to', 'me')).on_exit?.params).toEqual({ to: 'me' });
  });
});

describe('connections', () => {
  const data = { step: 'train', slot: { field: 'inputs', name: 'data' } } as const;

  it('make a list of a second output, and no list of the last', () => {
    const two = connect(NIGHTLY, { step: 'raw', output: 'more' }, data);
    expect(step(two, 'train').inputs.data).toEqual(['${raw.data}', '${raw.more}']);
    expect(connect(two, { step: 'raw', output: 'more' }, data)).toBe(two);
    const edge = edgesOf(doc(two)).find(each => each.output === 'more')!;
    expect(disconnect(two, edge)).toBe(NIGHTLY);
  });

  it('take the place of a path that stood there', () => {
    const literal = edits.setItem(NIGHTLY, 'train', 'inputs', 'data', 'data/raw.csv');
    expect(step(connect(literal, { step: 'raw', output: 'data' }, data), 'train').inputs.data).toBe('${raw.data}');
  });

  it('go away with their comments’ neighbours left alone', () => {
    const order = edgesOf(doc(NIGHTLY)).find(each => each.slot.field === 'after' && each.source === 'train')!;
    expect(step(disconnect(NIGHTLY, order), 'score').after).toEqual(['raw']);
  });

  it('move from one input to another', () => {
    const edge = edgesOf(doc(NIGHTLY)).find(each => each.target === 'train' && each.slot.field === 'inputs')!;
    const text = reconnect(
      NIGHTLY,
      edge,
      { step: 'raw', output: 'data' },
      { step: 'score', slot: { field: 'inputs', name: 'data' } }
    );
    expect(step(text, 'train').inputs).toEqual({});
    expect(step(text, 'score').inputs.data).toBe('${raw.data}');
  });

  it('of a condition are changed in the condition', () => {
    const edge = edgesOf(doc(NIGHTLY)).find(each => each.slot.field === 'when')!;
    expect(() => disconnect(NIGHTLY, edge)).toThrow('condition');
  });
});

describe('layout', () => {
  it('stands one line a node, in whole numbers', () => {
    const text = edits.move(NIGHTLY, { raw: [1.6, -2.4] });
    expect(text).toContain('layout:\n  raw: [2, -2]\n  train: [240, 0]\n  score: [480, 0]\n');
    expect(changed(text, edits.move(text, { train: [7, 8] }))).toEqual(['  train: [7, 8]']);
    expect(edits.setLayout(text, null)).not.toContain('layout');
  });
});

describe('copying', () => {
  it('doubles steps with what is among them, and keeps what comes from outside', () => {
    const fragment = copySteps(NIGHTLY, ['train', 'score']);
    expect(isFragment(fragment)).toBe(true);
    expect(fragment).toContain('# the rate');
    const { text, names } = paste(NIGHTLY, fragment, [40, 40]);
    expect(names).toEqual({ train: 'train_2', score: 'score_2' });
    expect(step(text, 'train_2')).toMatchObject({ function: 'train@1a2b3c', inputs: { data: '${raw.data}' } });
    expect(step(text, 'score_2')).toMatchObject({
      inputs: { models: ['${train_2.model}', '${raw.baseline}'] },
      after: ['raw', 'train_2']
    });
    expect(doc(text).layout.score_2).toEqual([520, 40]);
    expect(text.startsWith(NIGHTLY.slice(0, NIGHTLY.indexOf('on_exit')))).toBe(true);
  });

  it('pastes into an empty workflow and into one that is written in one line', () => {
    const fragment = copySteps(NIGHTLY, ['raw', 'train']);
    expect(doc(paste('name: other\n', fragment, null).text).steps.map(each => each.name)).toEqual(['raw', 'train']);
    const flow = paste('name: other\nsteps: {a: {function: b}}\n', fragment, null).text;
    expect(doc(flow).steps.map(each => each.name)).toEqual(['a', 'raw', 'train']);
    expect(step(flow, 'train').params.rate).toBe(0.1);
  });

  it.each(['', 'hello', 'steps: 3', 'steps:\n  a: 3', '- x', 'steps: {'])('doesn’t take %j for steps', text => {
    expect(isFragment(text)).toBe(false);
  });
});

it('whatever is done in whatever order, the text can be read and the rest of it stays', () => {
  let seed = 7;
  const random = (n: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  let text = NIGHTLY;
  for (let round = 0; round < 300; round += 1) {
    const steps = doc(text).steps.map(each => each.name);
    const pick = () => steps[random(steps.length)];
    const acts = [
      () => edits.addStep(text, `s${round}`, { function: 'f' }, [random(900), random(900)]),
      () => (steps.length > 3 ? edits.removeSteps(text, [pick()]) : text),
      () => edits.renameStep(text, pick(), `r${round}`),
      () => connect(text, { step: pick(), output: 'o' }, { step: pick(), slot: { field: 'inputs', name: `i${random(3)}` } }),
      () => connectOrder(text, pick(), pick()),
      () => edits.setItem(text, pick(), 'params', `p${random(3)}`, random(2) ? null : random(99)),
      () => edits.setField(text, pick(), 'env', random(2) ? { A: 'b', C: `${round}` } : null),
      () => edits.move(text, { [pick()]: [random(500), random(500)] }),
      () => paste(text, copySteps(text, [pick(), pick()]), [10, 10]).text,
      () => edits.removeSteps(text, steps.length > 12 ? steps.slice(4) : []),
      () => {
        const edges = edgesOf(doc(text)).filter(each => each.slot.field !== 'when');
        return edges.length ? disconnect(text, edges[random(edges.length)]) : text;
      }
    ];
    text = acts[random(acts.length)]();
    const found = doc(text);
    const names = new Set(found.steps.map(each => each.name));
    expect(names.size).toBe(found.steps.length);
    expect(Object.keys(found.layout).filter(name => !names.has(name))).toEqual([]);
    expect(text).toContain('name: nightly   # the file is called so');
  }
});
