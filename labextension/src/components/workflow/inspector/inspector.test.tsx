import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { beforeEach, describe, expect, test } from 'vitest';
import type { IRunDetail } from '../../../model/contract';
import { MemoryBackend } from '../../../testing/backend';
import { aFunction, aLive, aRun, aStep, renderEditor } from '../../../testing/editor';
import { Inspector } from './Inspector';
import { panel } from './panel';

const TEXT = `name: nightly
params:
  depth: 4 # of the tree
steps:
  raw: {function: ingest}
  clean:
    function: prepare
    inputs: {data: "\${raw.data}"}
  model:
    function: train
    params: {max_depth: "\${params.depth}"}
`;

const train = aFunction('train', {
  parameters: [
    { name: 'max_depth', default: '3', value: 3, hint: 'int', help: 'of each tree', choices: null, control: 'int' },
    { name: 'kind', default: '"gini"', value: 'gini', hint: null, help: '', choices: ['gini', 'log'], control: 'choice' },
    { name: 'note', default: null, value: null, hint: 'str', help: '', choices: null, control: 'str' }
  ],
  inputs: [{ name: 'data', hint: 'DataFrame', default: null, required: true }],
  returns: [{ key: 'model', kind: 'model' }]
});
const functions = [
  aFunction('ingest', { returns: [{ key: 'data', kind: 'dataset' }] }),
  aFunction('prepare', { inputs: train.inputs, returns: [{ key: 'data', kind: 'dataset' }] }),
  train
];

const shown = (selected: string[], more: Partial<Parameters<typeof renderEditor>[1]> = {}) => {
  const there = renderEditor(<Inspector />, { text: TEXT, functions, ...more });
  act(() => there.now().select(selected));
  return there;
};
const type = (label: string | RegExp, text: string) => {
  const field = screen.getByLabelText(label);
  fireEvent.change(field, { target: { value: text } });
  fireEvent.keyDown(field, { key: 'Enter' });
};

beforeEach(() => panel.show(true, 'properties'));

describe('the properties of a step', () => {
  test('set a param, with its default shown until then', () => {
    const { now } = shown(['model']);
    const note = screen.getByLabelText(/^note/);
    expect(note.getAttribute('placeholder')).toBe('Required');
    type(/^note/, 'first try');
    expect(now().text).toContain('note: first try');
    fireEvent.change(screen.getByLabelText(/^kind/), { target: { value: '"log"' } });
    expect(now().text).toContain('kind: log');
    expect(now().text).toContain('depth: 4 # of the tree');
  });

  test('say while one types what is wrong, and keep it to be corrected', () => {
    const { now } = shown(['model']);
    fireEvent.click(screen.getByRole('button', { name: 'Remove depth' }));
    const depth = screen.getByLabelText(/^max_depth/);
    fireEvent.change(depth, { target: { value: 'deep' } });
    expect(screen.getByText('A whole number, like 3')).toBeTruthy();
    const before = now().text;
    fireEvent.blur(depth);
    expect(now().text).toBe(before);
    expect((depth as HTMLInputElement).value).toBe('deep');
    fireEvent.keyDown(depth, { key: 'Escape' });
    expect((depth as HTMLInputElement).value).toBe('');
  });

  test('count after a pause, so that the step is marked while one types; Escape takes all of it back', async () => {
    const { now } = shown(['model']);
    const when = screen.getByLabelText(/^When/);
    act(() => when.focus());
    fireEvent.change(when, { target: { value: 'raw.rows >' } });
    await waitFor(() => expect(now().doc.steps[2].when).toBe('raw.rows >'));
    expect(document.activeElement).toBe(when);
    fireEvent.change(when, { target: { value: 'raw.rows > 5 ' } });
    await waitFor(() => expect(now().doc.steps[2].when).toBe('raw.rows > 5'));
    expect((when as HTMLInputElement).value).toBe('raw.rows > 5 '); // as it is typed
    fireEvent.keyDown(when, { key: 'Escape' });
    expect(now().doc.steps[2].when).toBeNull();
  });

  test('refer to parameters of the workflow and outputs of steps, found by typing', () => {
    const { now } = shown(['model']);
    fireEvent.click(screen.getByRole('button', { name: 'Refer to something for data' }));
    const field = screen.getByRole('combobox', { name: 'Output, artifact or path' });
    fireEvent.change(field, { target: { value: 'clean' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(now().doc.steps[2].inputs).toEqual({ data: '${clean.data}' });
    // a second one makes a list
    fireEvent.click(screen.getByRole('button', { name: 'Refer to something for data' }));
    fireEvent.click(screen.getByRole('option', { name: 'raw.data' }));
    expect(now().doc.steps[2].inputs).toEqual({ data: ['${clean.data}', '${raw.data}'] });
  });

  test('never offer what would make a cycle', () => {
    shown(['raw'], { functions: functions.map(each => ({ ...each, inputs: train.inputs })) });
    fireEvent.click(screen.getByRole('button', { name: 'Refer to something for data' }));
    expect(
      within(screen.getByRole('listbox'))
        .getAllByRole('option')
        .map(option => option.textContent)
    ).toEqual(['depth', 'model.model']);
  });

  test('offer artifacts of the project, and take a path', async () => {
    const backend = new MemoryBackend({
      'artifacts.list': {
        groups: [
          {
            key: 'churn',
            kind: 'dataset',
            versions: 1,
            tags: ['latest', 'good'],
            latest: { uri: 'store://dataset/p/churn^abc' } as never
          }
        ]
      }
    });
    const { now } = shown(['model'], { backend });
    fireEvent.click(screen.getByRole('button', { name: 'Refer to something for data' }));
    fireEvent.click(await screen.findByRole('option', { name: 'churn:good' }));
    expect(now().doc.steps[2].inputs).toEqual({ data: 'store://dataset/p/churn:good' });
    fireEvent.click(screen.getByRole('button', { name: /^Remove dataset/ }));
    type(/^data/, 'data/raw.csv');
    expect(now().doc.steps[2].inputs).toEqual({ data: 'data/raw.csv' });
  });

  test('set order, condition, limits, machine, and how often', () => {
    const { now } = shown(['model']);
    const model = () => now().doc.steps[2];
    fireEvent.click(screen.getByRole('button', { name: 'Add a step to wait for' }));
    fireEvent.click(screen.getByRole('option', { name: 'clean' }));
    type('When', 'raw.rows > 3');
    type('Retries', '2');
    type(/^Backoff/, '0.5');
    type('Timeout', '10m');
    fireEvent.change(screen.getByLabelText('Cache'), { target: { value: 'no' } });
    fireEvent.change(screen.getByLabelText('If it fails'), { target: { value: 'continue' } });
    type('Memory', '4G');
    type('GPUs', '1');
    fireEvent.change(screen.getByLabelText('Environment'), { target: { value: 'A=1' } });
    fireEvent.blur(screen.getByLabelText('Environment'));
    fireEvent.change(screen.getByLabelText('Try values of'), { target: { value: 'max_depth' } });
    type('Try max_depth =', '2, 4');
    type('Best by', 'max:accuracy');
    expect(model()).toMatchObject({
      after: ['clean'],
      when: 'raw.rows > 3',
      retries: 2,
      backoff: 0.5,
      timeout: '10m',
      cache: false,
      on_failure: 'continue',
      resources: { mem: '4G', gpu: 1 },
      env: { A: '1' },
      sweep: { grid: { max_depth: [2, 4] }, select: 'max:accuracy' }
    });
    fireEvent.change(screen.getByLabelText('Cache'), { target: { value: 'yes' } });
    type('Retries', '');
    expect([model().cache, model().retries]).toEqual([null, null]);
  });

  test('go over a list instead of one value', () => {
    const { now } = shown(['clean']);
    fireEvent.change(screen.getByLabelText('For each'), { target: { value: 'data' } });
    type('For each data of', '${raw.data}');
    expect(now().doc.steps[1]).toMatchObject({ inputs: {}, foreach: { data: '${raw.data}' } });
  });

  test('go over a list that is typed without brackets', () => {
    const { now } = shown(['model']);
    fireEvent.change(screen.getByLabelText('For each'), { target: { value: 'max_depth' } });
    expect((screen.getByLabelText('For each max_depth of') as HTMLInputElement).value).toBe('');
    type('For each max_depth of', '2, 4');
    expect(now().doc.steps[2].foreach).toEqual({ max_depth: [2, 4] });
    expect((screen.getByLabelText('For each max_depth of') as HTMLInputElement).value).toBe('2, 4');
  });

  test('show what the server says at the field that it means', () => {
    const problems = [{ text: 'max_depth should be an int', step: 'model', line: 1, field: 'params.max_depth' }];
    shown(['model'], { editor: { problems } });
    const group = screen.getByRole('group', { name: 'max_depth' });
    expect(group.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('max_depth should be an int')).toBeTruthy();
  });
});

describe('a step', () => {
  test('is renamed by F2, and what refers to it follows', () => {
    const { now } = shown(['raw']);
    fireEvent.keyDown(screen.getByRole('heading', { name: 'raw' }), { key: 'F2' });
    const field = screen.getByRole('textbox', { name: 'Name' });
    fireEvent.change(field, { target: { value: 'clean' } });
    expect(screen.getByRole('alert').textContent).toContain('There is a step');
    fireEvent.change(field, { target: { value: 'source' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(now().doc.steps[1].inputs).toEqual({ data: '${source.data}' });
    expect(now().selected).toEqual(['source']);
  });

  test('that failed shows its traceback as text', async () => {
    const line = aStep('model', { state: 'error', error: 'ValueError: no' });
    const detail = {
      ...aRun('run-model'),
      artifacts: [],
      metrics: [],
      error: { ename: 'ValueError', evalue: '<b>no</b>', cell: 1, line: 3, traceback: ['\u001b[31m<img src=x>\u001b[0m'] }
    } as unknown as IRunDetail;
    const backend = new MemoryBackend({
      'runs.get': detail,
      'runs.metrics': { series: [] },
      'runs.log': { text: 'last words', offset: 0, end: 10, size: 10 }
    });
    panel.turn('overview');
    shown(['model'], { backend, editor: { live: aLive([line], { state: 'error' }) } });
    expect((await screen.findByText('<img src=x>')).className).toBe('jmo-ansi-1');
    expect(document.querySelector('img')).toBeNull();
  });

  test('says why it would run, and runs from here or alone, saved before', async () => {
    const backend = new MemoryBackend({ 'runs.start': { run: 'r2' } });
    panel.turn('overview');
    const verdicts = new Map([['model', { step: 'model', verdict: 'will run' as const, why: 'max_depth changed', run: null }]]);
    shown(['model'], { backend, editor: { verdicts } });
    expect(screen.getByText('max_depth changed')).toBeTruthy();
    fireEvent.click(screen.getByText('Run from here'));
    fireEvent.click(screen.getByText('Only this step'));
    await waitFor(() =>
      expect(backend.of('runs.start').map(args => args.options)).toEqual([{ from_step: 'model' }, { only: ['model'] }])
    );
  });

  test('gives its outputs, each with a way to it', async () => {
    const detail = {
      ...aRun('run-model'),
      metrics: [],
      error: null,
      artifacts: [{ uid: 'u1', key: 'model', kind: 'model', size: 8400 }]
    } as unknown as IRunDetail;
    const backend = new MemoryBackend({ 'runs.get': detail });
    panel.turn('overview');
    const { host } = shown(['model'], { backend, editor: { live: aLive([aStep('model', { results: { accuracy: 0.93 } })]) } });
    expect(screen.getByText('0.93')).toBeTruthy();
    fireEvent.click(await screen.findByText('8.4 kB'));
    expect(host.asked).toContainEqual(['openArtifact', 'u1']);
  });
});

test('a step that ran shows how it went, another what it is given, until one chooses what to see', async () => {
  panel.tab = null;
  const backend = new MemoryBackend({ 'runs.get': { ...aRun('run-model'), metrics: [], error: null, artifacts: [] } as never });
  const { now } = shown(['clean'], { backend, editor: { live: aLive([aStep('model')]) } });
  const tab = () => screen.getByRole('tab', { selected: true }).textContent;
  expect(tab()).toBe('Properties');
  act(() => now().select(['model']));
  expect(tab()).toBe('Overview');
  fireEvent.click(screen.getByRole('tab', { name: 'Log' }));
  act(() => now().select(['clean']));
  expect(tab()).toBe('Log');
});

describe('the workflow', () => {
  test('gets parameters, which are renamed, typed and removed', () => {
    const { now } = shown([]);
    fireEvent.change(screen.getByPlaceholderText('Add a parameter'), { target: { value: 'source' } });
    fireEvent.keyDown(screen.getByPlaceholderText('Add a parameter'), { key: 'Enter' });
    expect(now().doc.params[1]).toMatchObject({ name: 'source', required: true, type: 'str' });
    const source = within(screen.getByRole('group', { name: 'source' }));
    fireEvent.change(source.getByLabelText('Default'), { target: { value: 'a.csv' } });
    fireEvent.blur(source.getByLabelText('Default'));
    expect(now().doc.params[1]).toMatchObject({ default: 'a.csv', required: false });
    const depth = within(screen.getByRole('group', { name: 'depth' }));
    fireEvent.change(depth.getByLabelText('Name'), { target: { value: 'deepness' } });
    fireEvent.blur(depth.getByLabelText('Name'));
    expect(now().doc.steps[2].params).toEqual({ max_depth: '${params.deepness}' });
    fireEvent.click(screen.getByRole('button', { name: 'Remove source' }));
    expect(now().doc.params.map(param => param.name)).toEqual(['deepness']);
  });

  test('gets outputs, a description, and what runs at the end', () => {
    const { now } = shown([]);
    fireEvent.change(screen.getByPlaceholderText('Add an output'), { target: { value: 'best' } });
    fireEvent.keyDown(screen.getByPlaceholderText('Add an output'), { key: 'Enter' });
    fireEvent.change(screen.getByPlaceholderText('Add an output'), { target: { value: 'data' } });
    fireEvent.keyDown(screen.getByPlaceholderText('Add an output'), { key: 'Enter' });
    fireEvent.change(screen.getByLabelText('Description'), { target: { value: 'Each night.' } });
    fireEvent.blur(screen.getByLabelText('Description'));
    fireEvent.change(screen.getByLabelText('Run, whatever happened'), { target: { value: 'prepare' } });
    expect(now().doc).toMatchObject({ outputs: { best: '${model.model}', data: '${clean.data}' }, description: 'Each night.' });
    expect(now().doc.on_exit?.function).toBe('prepare');
    fireEvent.click(screen.getByRole('button', { name: 'Edit what runs at the end' }));
    expect(now().selected).toEqual(['on_exit']);
  });

  test('shows its last runs', async () => {
    const backend = new MemoryBackend({
      'runs.list': { total: 1, rows: [aRun('r9', { name: 'nightly-9' })], columns: {} as never, offset: 0 }
    });
    const { host } = shown([], { backend });
    fireEvent.click(await screen.findByText('nightly-9'));
    expect(host.asked).toContainEqual(['openRun', 'r9']);
  });
});

describe('the panel', () => {
  test('offers for several steps what can be done with all of them', () => {
    const { now } = shown(['raw', 'model']);
    expect(screen.getByRole('heading', { name: '2 steps' })).toBeTruthy();
    fireEvent.click(screen.getByText('Delete'));
    expect(now().doc.steps.map(step => step.name)).toEqual(['clean']);
  });

  test('is hidden and shown again', () => {
    shown(['raw']);
    fireEvent.click(screen.getByRole('button', { name: 'Hide the inspector' }));
    expect(screen.queryByRole('complementary')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Show the inspector' }));
    expect(screen.getByRole('complementary')).toBeTruthy();
  });

  test('changes nothing where nothing can be changed', () => {
    shown(['model'], { editor: { readonly: true } });
    expect(screen.queryByRole('button', { name: /^Refer/ })).toBeNull();
    expect((screen.getByLabelText(/^note/) as HTMLInputElement).disabled).toBe(true);
  });

  test.each([[['model']], [[]], [['raw', 'model']]])('has names and roles that fit: %j', async selected => {
    shown(selected);
    const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
    expect(found.violations.map(each => `${each.id}: ${each.nodes.map(node => node.html).join(' ')}`)).toEqual([]);
  });
});
