import type { IDocumentWidget } from '@jupyterlab/docregistry';
import { expect, it } from 'vitest';
import { seal } from './sealed';

class Context {
  ready = Promise.resolve();
  model = { readOnly: false };
  path = 'runs/1/notebook.ipynb';
  get contentsModel(): { path: string; writable: boolean } {
    return { path: this.path, writable: true };
  }
  get canSave(): boolean {
    return this.contentsModel.writable;
  }
}

it('a sealed document can’t be saved, stays what it is else, and can be sealed again', async () => {
  const context = new Context();
  const widget = { context, title: {} } as unknown as IDocumentWidget;
  await seal(widget);
  await seal(widget);
  expect(context.model.readOnly).toBe(true);
  expect(context.canSave).toBe(false);
  context.path = 'elsewhere.ipynb';
  expect(context.contentsModel).toEqual({ path: 'elsewhere.ipynb', writable: false });
  expect(new Context().canSave).toBe(true);
});
