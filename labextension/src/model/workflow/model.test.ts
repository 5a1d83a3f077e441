import { describe, expect, it } from 'vitest';
import type { Event, IFunction, IRunDetail } from '../contract';
import { aFunction, aRun, aStep } from '../../testing/editor';
import { problemsOf } from './check';
import { read } from './document';
import { asDrop } from './drops';
import { cycleOf, edgesOf, ranks, refused, waitingFor } from './graph';
import * as history from './history';
import { arranged, better, directionOf, placed } from './layout';
import { begun, elapsed, happened, isNewer, liveOf, progressOf } from './live';
import { freshName, isName } from './names';
import { openSlots, portsOf, slotOf, tileOf } from './ports';

const doc = (text: string) => read(text).doc!;
const t = (text: string, ...args: (string | number)[]) =>
  args.reduce<string>((said, arg, at) => said.replace(`%${at + 1}`, String(arg)), text);

const FLOW = doc(`name: nightly
params: {depth: 3}
steps:
  a: {function: make}
  b: {function: train, inputs: {data: "\${a.data}"}, params: {depth: "\${params.depth}"}}
  c: {function: train, inputs: {data: ["\${a.data}", "\${b.model}"]}, when: b.score > 0.5 and "a.data" != ""}
  d: {function: tell, after: [b, c], foreach: {part: "\${a.parts}"}, sweep: {grid: {x: "\${a.grid}"}}}
on_exit: {function: tell, params: {rows: "\${a.rows}"}}
`);

describe('history', () => {
  const steps = ['one', 'two', 'three'];
  const made = steps.reduce((so, text) => history.edited(so, text, text), history.begin('zero'));

  it('goes back and forth through all texts', () => {
    let at = made;
    for (const text of ['two', 'one', 'zero']) {
      expect(history.undoes(at)).toBe(at.text);
      at = history.undone(at);
      expect(at.text).toBe(text);
    }
    expect(history.undone(at)).toBe(at);
    for (const text of steps) {
      expect(history.redoes(at)).toBe(text);
      at = history.redone(at);
      expect(at.text).toBe(text);
    }
    expect(history.redone(at)).toBe(at);
  });

  it('takes edits with the same mark back as one, but not across another', () => {
    let at = history.edited(made, 'x1', 'Move', 'move a');
    at = history.edited(at, 'x2', 'Move', 'move a');
    expect(history.undone(at).text).toBe('three');
    at = history.edited(history.edited(at, 'y', 'Add'), 'x3', 'Move', 'move a');
    expect(history.undone(at).text).toBe('y');
  });

  it('doesn’t merge with what was before an undo', () => {
    const at = history.undone(history.edited(history.edited(made, 'x', 'Move', 'm'), 'y', 'Add'));
    expect(history.undone(history.edited(at, 'z', 'Move', 'm')).text).toBe('x');
  });

  it('forgets what was undone when something else is done, and nothing when nothing changes', () => {
    const back = history.undone(made);
    expect(history.edited(back, 'other', 'Other').future).toEqual([]);
    expect(history.edited(back, back.text, 'Nothing')).toBe(back);
  });
});

describe('the graph', () => {
  const edges = edgesOf(FLOW);
  const said = edges.map(edge => edge.id);

  it('has an edge for each reference, wherever it stands', () => {
    expect(said).toEqual([
      'a.data>b.inputs.data',
      'a.data>c.inputs.data',
      'b.model>c.inputs.data',
      'b.score>c.when.',
      'a.parts>d.foreach.part',
      'a.grid>d.sweep.',
      'b.>d.after.',
      'c.>d.after.',
      'a.rows>on_exit.params.rows'
    ]);
  });

  it('refuses a step that needs itself, and a cycle, and says along which steps', () => {
    expect(refused(edges, 'b', 'b')).toEqual({ why: 'self' });
    expect(refused(edges, 'd', 'a')).toEqual({ why: 'cycle', path: ['a', 'd', 'a'] });
    expect(refused(edges, 'c', 'b')).toEqual({ why: 'cycle', path: ['b', 'c', 'b'] });
    expect(refused(edges, 'a', 'd')).toBeNull();
    for (const step of ['a', 'b', 'c', 'd']) {
      const free = ['a', 'b', 'c', 'd'].filter(source => refused(edges, source, step) === null);
      expect([...waitingFor(edges, step)].filter(name => name !== 'on_exit').sort()).toEqual(
        ['a', 'b', 'c', 'd'].filter(source => !free.includes(source))
      );
    }
    expect(cycleOf(edges)).toBeNull();
  });

  it('ranks steps by the longest way, also when there is a cycle', () => {
    expect([...ranks(FLOW, edges)]).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 3],
      ['on_exit', 4]
    ]);
    const round = doc('steps:\n  a: {after: b}\n  b: {after: a}\n');
    expect(cycleOf(edgesOf(round))).toEqual(['b', 'a', 'b']);
    expect(ranks(round, edgesOf(round)).size).toBe(2);
  });
});

describe('layout', () => {
  const sizes = ['a', 'b', 'c', 'd'].map(id => ({ id, width: 192, height: 78 }));
  const links = edgesOf(FLOW).filter(edge => edge.target !== 'on_exit');
  const apart = (places: Record<string, [number, number]>) =>
    sizes.every(one =>
      sizes.every(
        other =>
          one.id === other.id ||
          Math.abs(places[one.id][0] - places[other.id][0]) >= 192 ||
          Math.abs(places[one.id][1] - places[other.id][1]) >= 78
      )
    );

  it('puts what needs behind what is needed, in either direction, on whole numbers and apart', () => {
    for (const [direction, axis] of [
      ['LR', 0],
      ['TB', 1]
    ] as const) {
      const places = arranged(sizes, links, direction);
      links.forEach(({ source, target }) => expect(places[target][axis]).toBeGreaterThan(places[source][axis]));
      expect(Object.values(places).flat().every(Number.isInteger)).toBe(true);
      expect(apart(places)).toBe(true);
      expect(directionOf(places, links)).toBe(direction);
    }
  });

  it('leaves the file’s places, and puts the others beside them without covering any', () => {
    const places = placed({ b: [500, 500], c: [700, 500] }, sizes, links, 'LR');
    expect(places).toMatchObject({ b: [500, 500], c: [700, 500] });
    expect(apart(places)).toBe(true);
  });

  it('puts what ends several ways behind them, in their middle', () => {
    const size = { width: 200, height: 80 };
    const three = ['a', 'b', 'end'].map(id => ({ id, ...size }));
    const both = ['a', 'b'].map(source => ({ source, target: 'end' }));
    expect(placed({ a: [0, 0], b: [400, 100] }, three, both, 'TB').end).toEqual([200, 224]);
    expect(placed({ a: [0, 0], b: [50, 300] }, three, both, 'LR').end).toEqual([314, 150]);
  });

  it('chooses the direction that shows the graph larger', () => {
    const size = { width: 192, height: 78 };
    expect(better(ranks(FLOW, links), size, { width: 1200, height: 300 })).toBe('LR');
    expect(better(ranks(FLOW, links), size, { width: 400, height: 900 })).toBe('TB');
  });
});

describe('ports', () => {
  const train: IFunction = aFunction('train', {
    inputs: [
      { name: 'data', hint: 'DataFrame', default: null, required: true },
      { name: 'extra', hint: null, default: 'None', required: false }
    ],
    parameters: [{ name: 'depth', default: '3', value: 3, hint: 'int', help: '', choices: null, control: 'int' }],
    returns: [
      { key: 'model', kind: 'model' },
      { key: 'score', kind: 'result' }
    ]
  });
  const edges = edgesOf(FLOW);
  const [, b, c, d] = FLOW.steps;

  it('are the declared inputs and returns, what is connected beyond them, and one for order', () => {
    const ports = portsOf(b, train, edges);
    expect(ports.inputs.map(port => [port.id, port.connected])).toEqual([
      ['a:', false],
      ['i:data', true],
      ['i:extra', false]
    ]);
    expect(ports.outputs.map(port => [port.id, port.detail])).toEqual([
      ['o:model', 'model'],
      ['o:score', 'result'],
      ['o:', '']
    ]);
    expect(portsOf(d, null, edges).inputs.map(port => port.id)).toEqual(['a:', 'f:part']);
    expect(portsOf(c, null, []).outputs.map(port => port.id)).toEqual(['o:']);
  });

  it('stand for slots, free ones first', () => {
    expect(slotOf('i:data')).toEqual({ field: 'inputs', name: 'data' });
    expect(slotOf('a:')).toEqual({ field: 'after', name: null });
    expect(openSlots(b, train).map(slot => slot.name)).toEqual(['extra', 'data', 'depth', null]);
    expect(tileOf(b, train)).toBe('model');
  });
});

describe('the latest run', () => {
  const detail = {
    ...aRun('r2', { state: 'running', ended: null }),
    steps: [aStep('a'), aStep('b', { state: 'pending' })],
    resumable: false
  };
  const live = liveOf(detail as unknown as IRunDetail);
  const run = (id: string, more = {}): Event => ({ type: 'run', run: aRun(id, more) });

  it('follows its steps and its own state', () => {
    let at = happened(live, { type: 'step', run: 'r2', step: aStep('b', { state: 'running', progress: 0.5 }) }, 'nightly');
    expect(at?.byName.get('b')).toMatchObject({ state: 'running', progress: 0.5 });
    at = happened(at, { type: 'step', run: 'r2', step: aStep('new', { state: 'error' }) }, 'nightly');
    expect(at?.steps.map(step => step.name)).toEqual(['a', 'b', 'new']);
    at = happened(at, run('r2', { state: 'error' }), 'nightly');
    expect(at).toMatchObject({ run: { state: 'error' }, resumable: true });
    expect(at?.steps.length).toBe(3);
  });

  it('gives way to a newer run, and to no other', () => {
    expect(happened(live, run('r3', { created: 2000, state: 'pending' }), 'nightly')).toMatchObject({
      run: { id: 'r3' },
      steps: []
    });
    for (const event of [
      run('r1', { created: 1 }),
      run('r3', { created: 2000, workflow: 'other' }),
      run('r3', { created: 2000, parent: 'r2' }),
      run('r3', { created: 2000, function: 'train' }),
      { type: 'step', run: 'r9', step: aStep('a') } as Event,
      { type: 'changed', what: 'functions', name: null } as Event
    ]) {
      expect(happened(live, event, 'nightly')).toBe(live);
    }
    expect(isNewer(run('r1'), 'nightly', null)).toBe(true);
    expect(happened(live, { type: 'removed', run: 'r2' }, 'nightly')).toBeNull();
  });

  it('counts what is done, and how long it took', () => {
    const steps = [
      aStep('a', { state: 'cached' }),
      aStep('b', { state: 'skipped' }),
      aStep('c', { state: 'running' }),
      aStep('d')
    ];
    expect(progressOf({ ...live, steps })).toMatchObject({ done: 2, total: 4 });
    expect(elapsed(aRun('x', { started: 10, ended: 14 }), 99)).toBe(4);
    expect(elapsed(aRun('x', { started: 10, ended: null, state: 'running' }), 15)).toBe(5);
    expect(begun(aRun('x')).steps).toEqual([]);
  });
});

describe('checks without the server', () => {
  const known = { functions: new Map([['make', aFunction('make')]]), workflows: new Set(['nightly']) };
  const texts = (text: string, what: typeof known | null = known) => problemsOf(doc(text), what, t).map(problem => problem.text);

  it('find nothing wrong with what is right', () => {
    expect(
      texts(
        'name: x\nparams: {n: 1}\nsteps:\n  a: {function: make, params: {n: "${params.n}"}}\n  b: {workflow: nightly, after: a}\n'
      )
    ).toEqual([]);
  });

  it.each([
    ['  a: {function: nope}', 'no Function “nope”'],
    ['  a: {workflow: nope}', 'no workflow “nope”'],
    ['  a: {}', 'one Function or one workflow'],
    ['  A: {function: make}', '“A” can’t name'],
    ['  a: {function: make, inputs: {x: "${b.y}"}}', 'no step “b”'],
    ['  a: {function: make, params: {x: "${params.y}"}}', 'no param “y”'],
    ['  a: {function: make, after: b}', 'no step “b”'],
    ['  a: {function: make, after: b}\n  b: {function: make, after: a}', 'wait for each other: b → a → b']
  ])('find %j', (steps, said) => {
    expect(texts(`name: x\nsteps:\n${steps}\n`).join()).toContain(said);
  });

  it('say nothing of Functions while they are on their way', () => {
    expect(texts('steps:\n  a: {function: nope}\n', null)).toEqual([]);
  });

  it('miss a required input', () => {
    const train = aFunction('train', { inputs: [{ name: 'data', hint: null, default: null, required: true }] });
    const found = problemsOf(doc('steps:\n  a: {function: train}\n'), { ...known, functions: new Map([['train', train]]) }, t);
    expect(found).toEqual([{ text: 'Input “data” is missing: connect it.', step: 'a', line: 2, field: 'inputs' }]);
  });
});

describe('names', () => {
  it('are numbered when they are taken', () => {
    expect(freshName([], 'train')).toBe('train');
    expect(freshName(['train'], 'train')).toBe('train_2');
    expect(freshName(['train', 'train_2'], 'train_2')).toBe('train_3');
    expect(freshName([], 'My Notebook (1)')).toBe('my_notebook_1_');
    expect(freshName([], '123')).toBe('step');
    for (const base of ['params', 'run', 'class', 'x'.repeat(80)]) {
      expect(isName(freshName([], base))).toBe(true);
    }
  });
});

it('takes only drops that are its own', () => {
  expect(asDrop('{"function": "train"}')).toEqual({ function: 'train' });
  expect(asDrop('{"notebook": "a/b.ipynb"}')).toEqual({ notebook: 'a/b.ipynb' });
  for (const other of ['', 'x', '3', 'null', '{"function": 3}', '{"file": "x"}']) {
    expect(asDrop(other)).toBeNull();
  }
});
