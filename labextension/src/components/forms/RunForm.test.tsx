import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { describe, expect, it, vi } from 'vitest';
import { Refusal, Unreachable } from '../../model/backend';
import type { IFunctionDetail, IParameter } from '../../model/contract';
import type { IGiven } from '../../model/host';
import { MemoryBackend, memoryHost } from '../../testing/backend';
import { Provide } from '../surroundings';
import { RunForm } from './RunForm';

const parameter = (name: string, control: IParameter['control'], more: Partial<IParameter> = {}): IParameter => ({
  ...{ name, default: null, value: null, hint: null, help: '', choices: null, control },
  ...more
});
const train: IFunctionDetail = {
  ...{ name: 'train', version: '1', description: 'Fits a model', runtime: {}, runs: 0, latest: null, code: '', contents: null },
  versions: [],
  workflows: [],
  parameters: [
    parameter('depth', 'int', { default: '2', help: 'of each tree' }),
    parameter('loss', 'choice', { default: "'log'", choices: ['log', 'exp'] }),
    parameter('label', 'str')
  ],
  inputs: [{ name: 'data', hint: null, default: null, required: true }],
  returns: [
    { key: 'model', kind: 'model' },
    { key: 'accuracy', kind: null }
  ]
};
const version = {
  ...{ uid: 'a1', key: 'data', kind: 'dataset' as const, size: 1, hash: '', type: '', created: 1, run: null, function: null },
  ...{ tags: [], uri: 'store://dataset/churn/data^a1' }
};

function show(given?: IGiven, backend = project()) {
  const onDone = vi.fn();
  const view = render(
    <Provide backend={backend} host={memoryHost()}>
      <RunForm target="train" given={given} onDone={onDone} />
    </Provide>
  );
  return { ...view, onDone, backend };
}

function project(more: ConstructorParameters<typeof MemoryBackend>[0] = {}) {
  return new MemoryBackend({
    'functions.list': { functions: [train] },
    'artifacts.list': { groups: [{ key: 'data', kind: 'dataset', versions: 2, tags: ['best'], latest: version }] },
    'artifacts.get': () => ({ versions: [version, { ...version, uid: 'a0', uri: 'store://dataset/churn/data^a0' }] }) as never,
    'runs.start': { run: 'r9' },
    'runs.rerun': { run: 'r10' },
    ...more
  });
}
const field = (name: string | RegExp) => screen.findByLabelText(name);

describe('the form that runs a Function', () => {
  it('is made of what it takes: defaults, help, choices', async () => {
    show();
    expect((await field(/^depth/)).getAttribute('placeholder')).toBe('2');
    expect(screen.getByText('of each tree')).toBeTruthy();
    const loss = (await field(/^loss/)) as HTMLSelectElement;
    expect([...loss.options].map(({ text }) => text)).toEqual(['log (default)', 'log', 'exp']);
    expect((await field(/^data/)) as HTMLInputElement).toHaveProperty('value', 'data');
  });

  it('has no fault that axe can find', async () => {
    const { container } = show();
    await field(/^depth/);
    const { violations } = await axe.run(container, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
    });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it('runs with Ctrl+Enter, with the values as they are meant', async () => {
    const { backend, onDone } = show();
    await userEvent.type(await field(/^depth/), '5');
    await userEvent.type(await field(/^label/), 'y');
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(onDone).toHaveBeenCalledWith('r9'));
    expect(backend.of('runs.start')).toEqual([
      { target: 'train', options: { params: { depth: 5, label: 'y' }, inputs: { data: 'data' } } }
    ]);
  });

  it('says at once what is typed wrong, and after a try what is missing; nothing is sent', async () => {
    const { backend } = show();
    await userEvent.type(await field(/^depth/), 'x');
    expect(screen.getByText('Write a whole number')).toBeTruthy();
    expect(screen.queryByText('Is needed')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    expect(screen.getByText('Is needed')).toBeTruthy();
    expect((await field(/^depth/)).getAttribute('aria-invalid')).toBe('true');
    expect(backend.of('runs.start')).toEqual([]);
  });

  it('shows a refusal at the field that it names', async () => {
    const message = "train can't run: label needs one word.";
    const refuse = () => {
      throw new Refusal({ message, kind: 'ParameterError', status: 400 });
    };
    const { onDone } = show(undefined, project({ 'runs.start': refuse }));
    await userEvent.type(await field(/^label/), 'a b');
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    expect(await screen.findByText(message)).toHaveProperty('className', 'jmo-field-error');
    expect(onDone).not.toHaveBeenCalled();
    await userEvent.type(await field(/^label/), '{Backspace}');
    expect(screen.queryByText(message)).toBeNull();
  });

  it('that couldn’t be made comes by itself when the server is there again', async () => {
    const backend = project();
    const { answers } = backend;
    const found = answers['functions.list'];
    answers['functions.list'] = () => Promise.reject(new Unreachable('The server can’t be reached.'));
    show(undefined, backend);
    expect((await screen.findByRole('alert')).textContent).toContain('can’t be reached');
    answers['functions.list'] = found;
    act(() => backend.turn('connected'));
    expect(await screen.findByLabelText(/^depth/)).toBeTruthy();
  });

  it('shows any other refusal above its buttons', async () => {
    const refuse = () => {
      throw new Refusal({ message: 'The disk is full.', kind: 'Error', status: 500 });
    };
    show(undefined, project({ 'runs.start': refuse }));
    await userEvent.type(await field(/^label/), 'y');
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    expect(await screen.findByRole('alert')).toHaveProperty('textContent', 'The disk is full.');
  });

  it('sweeps a parameter over several values, and says how many runs that makes', async () => {
    const { backend } = show();
    await userEvent.type(await field(/^label/), 'y');
    await userEvent.click(screen.getByRole('button', { name: /Sweep depth/ }));
    await userEvent.type(await field(/^depth/), '2, 4, 8');
    await userEvent.type(screen.getByLabelText('Result'), 'accuracy');
    await userEvent.click(screen.getByRole('button', { name: 'Run 3 times' }));
    await waitFor(() => expect(backend.of('runs.start')).toHaveLength(1));
    expect(backend.of('runs.start')[0].options?.sweep).toEqual({ grid: { depth: [2, 4, 8] }, select: 'max:accuracy' });
  });

  it('offers artifacts by keyboard, and the versions of a key', async () => {
    show();
    const data = (await field(/^data/)) as HTMLInputElement;
    await userEvent.clear(data);
    await userEvent.type(data, '{ArrowDown}{Enter}');
    expect(data.value).toBe('data:best');
    await userEvent.clear(data);
    await userEvent.type(data, 'data');
    await waitFor(() => expect(screen.getAllByRole('option').length).toBeGreaterThan(3));
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    expect(data.value).toBe('store://dataset/churn/data^a0');
  });

  it('runs a run again with what was changed', async () => {
    const given = { params: { depth: 3, label: 'y' }, inputs: { data: 'store://x' }, rerun: 'r1' };
    const { backend, onDone } = show(given);
    const depth = (await field(/^depth/)) as HTMLInputElement;
    expect(depth.value).toBe('3');
    await userEvent.clear(depth);
    await userEvent.type(depth, '7');
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    await waitFor(() => expect(onDone).toHaveBeenCalledWith('r10'));
    expect(backend.of('runs.rerun')).toEqual([{ run: 'r1', params: { depth: 7 }, inputs: {} }]);
    expect(screen.queryByText('Options')).toBeNull(); // a run that is run again takes none
  });

  it('goes back with Escape', async () => {
    const { onDone } = show();
    await userEvent.type(await field(/^depth/), '{Escape}');
    expect(onDone).toHaveBeenCalledWith(null);
  });
});

describe('the form that runs a workflow', () => {
  const yaml =
    'name: nightly\nparams:\n  depth: {default: 4, type: int, help: of the tree}\n  day: {type: str}\nsteps:\n  raw: {function: train}\n';
  const flow = () =>
    project({
      'functions.list': { functions: [] },
      'workflows.get': { name: 'nightly', yaml, python: null, problems: [], etag: '1' }
    });

  it('has its params, and which steps run', async () => {
    const { backend } = show(undefined, flow());
    expect((await field(/^depth/)).getAttribute('placeholder')).toBe('4');
    await userEvent.type(await field(/^day/), 'mon');
    await userEvent.click(screen.getByText('Options'));
    await userEvent.selectOptions(await field('From step'), 'raw');
    await userEvent.click(screen.getByRole('checkbox', { name: /Reuse/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    await waitFor(() => expect(backend.of('runs.start')).toHaveLength(1));
    expect(backend.of('runs.start')[0].options).toEqual({ params: { day: 'mon' }, inputs: {}, cache: false, from_step: 'raw' });
  });

  it('says what keeps it from being shown', async () => {
    const gone = project({
      'functions.list': () => {
        throw new Refusal({ message: 'The catalog is locked.', kind: 'CatalogError', status: 423 });
      }
    });
    show(undefined, gone);
    expect(await screen.findByText('The catalog is locked.')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Back' })).toBeTruthy();
  });
});
