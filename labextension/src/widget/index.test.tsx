import { act, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { OUTPUT, surround } from '../model/panel/frame';
import widget, { type IModel } from './index';

/** A widget's model whose kernel says nothing. */
function aModel(values: Record<string, unknown>): IModel & { values: Record<string, unknown>; saved: number } {
  const model = {
    values,
    saved: 0,
    get: (key: string) => values[key],
    set: (key: string, value: unknown) => void (values[key] = value),
    save_changes: () => void (model.saved += 1),
    send: () => undefined,
    on: () => undefined,
    off: () => undefined
  };
  return model;
}

it('a widget goes on where one has gone in the snapshot before it, and says so to Python', async () => {
  const output = document.createElement('div');
  output.className = OUTPUT;
  const el = document.createElement('div');
  output.append(el);
  surround(output, { outer: { t: text => text.toUpperCase() }, place: { view: 'artifacts', target: [] }, take: () => null });
  const model = aModel({ name: 'churn', view: 'runs', target: [], height: 480, draft: '' });
  let unmount = (): void => undefined;
  act(() => void (unmount = widget.mount(model, el)));
  document.body.append(output); // as Lab does it, a moment later
  expect(await screen.findByText('ARTIFACTS')).toBeTruthy(); // in Lab's language
  expect([model.values.view, model.values.target]).toEqual(['artifacts', []]);
  expect(model.saved).toBeGreaterThan(0);
  act(unmount);
  output.remove();
});
