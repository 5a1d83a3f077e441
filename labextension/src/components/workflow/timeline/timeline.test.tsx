import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { aLive, aStep, renderEditor } from '../../../testing/editor';
import { read } from '../../../model/workflow/document';
import { needsOf, plan, ticks, tickText } from './rows';
import { TimelineView } from './TimelineView';

const TEXT = `name: nightly
steps:
  raw: {function: ingest}
  clean: {function: prepare, inputs: {data: "\${raw.data}"}}
  side: {function: look, after: [raw]}
  model: {function: train, inputs: {data: "\${clean.data}"}}
`;
const steps = needsOf(read(TEXT).doc!);
const live = aLive(
  [
    aStep('raw', { started: 1000, ended: 1002 }),
    aStep('clean', { started: 1003, ended: 1006 }),
    aStep('side', { started: 1002, ended: 1003 }),
    aStep('model', { state: 'running', started: 1006, ended: null })
  ],
  { state: 'running', ended: null, started: 1000 }
);

const pending = (name: string) => aStep(name, { state: 'pending', started: null, ended: null });

describe('the plan of a timeline', () => {
  const { bars, from, to } = plan(steps, live, 1010);
  const bar = (name: string) => bars.find(each => each.name === name)!;

  test('goes from the start to now, and a running step with it', () => {
    expect([from, to]).toEqual([1000, 1010]);
    expect(bar('model').end).toBe(1010);
  });
  test('puts what began first on top', () => {
    expect(bars.map(each => each.name)).toEqual(['raw', 'side', 'clean', 'model']);
  });
  test('knows how long a step waited after all it needs was there', () => {
    expect([bar('clean').ready, bar('clean').start]).toEqual([1002, 1003]);
    expect([bar('raw').ready, bar('raw').start]).toEqual([1000, 1000]);
  });
  test('shows a step that could run as waiting until now, but none that lacks something', () => {
    const { bars: some } = plan(
      steps,
      aLive([aStep('raw', { started: 1000, ended: 1002 }), pending('clean'), pending('model')], {
        state: 'running',
        ended: null
      }),
      1010
    );
    const of = (name: string) => some.find(each => each.name === name)!;
    expect([of('clean').ready, of('clean').waited, of('model').ready]).toEqual([1002, 1010, null]);
  });
  test('marks the way that took longest', () => {
    expect(bars.filter(each => each.critical).map(each => each.name)).toEqual(['raw', 'clean', 'model']);
  });
  test('shows steps that were never run without a bar', () => {
    const { bars: few } = plan(steps, aLive([aStep('raw')]), 2000);
    expect(few.find(each => each.name === 'model')).toMatchObject({ state: 'none', start: null, end: null });
  });
});

describe('the axis', () => {
  test('has round ticks', () => {
    expect(ticks(10, 6)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(ticks(0.35, 7)).toEqual([0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35]);
    expect(ticks(366, 7)).toEqual([0, 60, 120, 180, 240, 300, 360]);
  });
  test('says them shortly', () => {
    expect([0, 0.05, 1.5, 60, 5400].map(tickText)).toEqual(['0', '50 ms', '1.5 s', '1 m', '1 h 30 m']);
  });
});

describe('the view', () => {
  test('says what to do when nothing was run', () => {
    renderEditor(<TimelineView />, { text: TEXT });
    expect(screen.getByText('Not run yet')).toBeTruthy();
  });

  test('is walked through with the arrow keys', () => {
    const { now, host } = renderEditor(<TimelineView />, { text: TEXT, editor: { live: { ...live } } });
    const first = screen.getByRole('option', { name: 'raw, Completed, 2.0 s, on the critical path' });
    expect(first.tabIndex).toBe(0);
    fireEvent.click(first);
    expect(now().selected).toEqual(['raw']);
    fireEvent.keyDown(first, { key: 'ArrowDown' });
    expect(now().selected).toEqual(['side']);
    expect(document.activeElement).toBe(screen.getByRole('option', { name: /^side/ }));
    fireEvent.keyDown(document.activeElement!, { key: 'Enter' });
    expect(host.asked).toContainEqual(['openRun', 'run-side']);
  });

  test('shows what is known of a bar on which the pointer rests', async () => {
    const failed = aLive([aStep('raw', { state: 'error', error: 'ValueError: <b>no</b>' })], { state: 'error' });
    renderEditor(<TimelineView />, { text: TEXT, editor: { live: failed } });
    fireEvent.mouseMove(screen.getByRole('option', { name: /^raw/ }));
    expect(await screen.findByText('ValueError: <b>no</b>')).toBeTruthy();
  });
});
