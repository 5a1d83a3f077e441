import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { Signal } from '@lumino/signaling';
import { describe, expect, it } from 'vitest';
import { ContextFile } from './contextfile';

/** As much of a document of Lab as a file is bound to; like Lab's it is clean once it's saved. */
function document(text: string) {
  const owner = {};
  const signal = () => new Signal<object, unknown>(owner);
  const saveState = signal();
  const model = {
    text,
    dirty: false,
    contentChanged: signal(),
    stateChanged: signal(),
    toString: () => model.text,
    fromString: (next: string) => void (model.text = next)
  };
  const context = {
    model,
    path: 'churn/workflows/nightly.yaml',
    isReady: true,
    ready: Promise.resolve(),
    saveState,
    fileChanged: signal(),
    pathChanged: signal(),
    save: async () => {
      model.dirty = false;
      saveState.emit('completed');
    }
  };
  return { context, model, file: new ContextFile(context as unknown as DocumentRegistry.Context) };
}

describe('a document that isn’t loaded yet', () => {
  it('can’t be changed: the change would be all that is left of it', () => {
    const { context, file } = document('');
    context.isReady = false;
    expect([file.loading, file.readonly]).toEqual([true, true]);
    context.isReady = true;
    expect([file.loading, file.readonly]).toEqual([false, false]);
  });
});

describe('a document with something in it that isn’t in its text', () => {
  it('is dirty as long, and clean after it when nothing else changed', () => {
    const { model, file } = document('a');
    file.hold(true);
    expect([file.held, file.dirty]).toEqual([true, true]);
    file.hold(false);
    expect([file.held, model.dirty]).toEqual([false, false]);
  });

  it('stays dirty after it when the text changed', () => {
    const { file } = document('a');
    file.hold(true);
    file.edit('b');
    file.hold(false);
    expect(file.dirty).toBe(true);
  });

  it('is dirty again once it is saved', async () => {
    const { file } = document('a');
    file.hold(true);
    await file.save();
    expect(file.dirty).toBe(true);
    file.hold(false);
    expect(file.dirty).toBe(false);
  });
});
