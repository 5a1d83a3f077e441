import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import { MemoryBackend, memoryHost } from '../../../testing/backend';
import { aFunction, aLive, aStep, renderEditor } from '../../../testing/editor';
import { panel } from '../inspector/panel';
import { TableView } from './TableView';

const TEXT = `name: nightly
steps:
  model: {function: train, inputs: {data: "\${raw.data}"}}
  raw: {function: ingest}
  tell: {function: tell, after: [model]}
`;
const functions = [
  aFunction('ingest', { returns: [{ key: 'data', kind: 'dataset' }] }),
  aFunction('train', {
    inputs: [{ name: 'data', hint: null, default: null, required: true }],
    returns: [{ key: 'model', kind: 'model' }]
  }),
  aFunction('tell')
];
const row = (name: string) => screen.getByRole('rowheader', { name: new RegExp(`^${name}`) }).closest('tr') as HTMLElement;
const key = (name: string, pressed: string) => fireEvent.keyDown(row(name), { key: pressed });

describe('the table of steps', () => {
  test('has each step behind all it needs, and says what that is', () => {
    renderEditor(<TableView />, { text: TEXT, functions });
    expect(screen.getAllByRole('rowheader').map(cell => cell.textContent)).toEqual(['raw', 'model', 'tell']);
    expect(row('model').textContent).toContain('data ← raw.data');
    expect(row('tell').textContent).toContain('model');
  });

  test('is walked through, and a step opened, with the keyboard', () => {
    panel.show(false);
    const { now } = renderEditor(<TableView />, { text: TEXT, functions });
    expect([row('raw').tabIndex, row('model').tabIndex]).toEqual([0, -1]);
    key('raw', 'ArrowDown');
    expect(now().selected).toEqual(['model']);
    expect(document.activeElement).toBe(row('model'));
    key('model', 'End');
    key('tell', 'Enter');
    expect([panel.open, panel.tab]).toEqual([true, 'properties']);
  });

  test('adds a step after another, and connects them', async () => {
    const { now } = renderEditor(<TableView />, { text: TEXT, functions });
    key('raw', 'a');
    fireEvent.change(screen.getByRole('combobox'), { target: { value: 'train' } });
    fireEvent.keyDown(screen.getByRole('combobox'), { key: 'Enter' });
    expect(now().doc.steps.at(-1)).toMatchObject({ name: 'train', after: ['raw'] });
    expect(now().selected).toEqual(['train']);
    key('raw', 'c');
    fireEvent.change(screen.getByRole('combobox'), { target: { value: 'train.data' } });
    fireEvent.keyDown(screen.getByRole('combobox'), { key: 'Enter' });
    await waitFor(() => expect(now().doc.steps.at(-1)?.inputs).toEqual({ data: '${raw.data}' }));
  });

  test('renames and deletes, and the focus goes on', async () => {
    const host = memoryHost({ ask: async () => 'learn' });
    const { now } = renderEditor(<TableView />, { text: TEXT, functions, host });
    key('model', 'F2');
    await waitFor(() => expect(now().doc.steps[0].name).toBe('learn'));
    key('raw', 'Delete');
    expect(now().doc.steps.map(step => step.name)).toEqual(['learn', 'tell']);
    expect(document.activeElement).toBe(row('learn'));
  });

  test('has all of it in a menu, too', async () => {
    const backend = new MemoryBackend({ 'runs.start': { run: 'r2' } });
    const { now } = renderEditor(<TableView />, { text: TEXT, functions, backend });
    const open = (name: string) => fireEvent.click(screen.getByRole('button', { name: `Actions of ${name}` }));
    open('model');
    fireEvent.click(screen.getByRole('menuitem', { name: 'Disconnect data ← raw.data' }));
    expect(now().doc.steps[0].inputs).toEqual({});
    open('tell');
    fireEvent.click(screen.getByRole('menuitem', { name: 'Run from here' }));
    await waitFor(() => expect(backend.of('runs.start')).toEqual([{ target: 'nightly', options: { from_step: 'tell' } }]));
  });

  test('shows states, results and errors of the latest run', () => {
    const live = aLive([aStep('raw', { results: { rows: 12 } }), aStep('model', { state: 'error', error: 'ValueError: <i>' })], {
      state: 'error'
    });
    renderEditor(<TableView />, { text: TEXT, functions, editor: { live } });
    expect(row('raw').textContent).toContain('Completed');
    expect(row('raw').textContent).toContain('rows 12');
    expect(row('model').textContent).toContain('ValueError: <i>');
    expect(row('tell').textContent).toContain('Not run');
  });

  test('says what to do when there is no step', () => {
    renderEditor(<TableView />, { text: 'name: nightly\n', functions });
    expect(screen.getByText('No steps yet')).toBeTruthy();
    fireEvent.click(screen.getByText('Add a step'));
    expect(screen.getByRole('combobox')).toBeTruthy();
  });

  test('has names and roles that fit', async () => {
    const { now } = renderEditor(<TableView />, { text: TEXT, functions });
    act(() => now().select(['raw']));
    const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
    expect(found.violations.map(each => `${each.id}: ${each.nodes.map(node => node.html).join(' ')}`)).toEqual([]);
  });
});
