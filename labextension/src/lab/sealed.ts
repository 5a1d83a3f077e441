/** A document that is looked at only: what a run left is never changed, whoever may write the file. */
import type { IDocumentWidget } from '@jupyterlab/docregistry';

/** Let Lab take a document for read-only: it then neither saves it by itself nor when asked, and says why. */
export async function seal(widget: Pick<IDocumentWidget, 'context'>): Promise<void> {
  const { context } = widget;
  await context.ready;
  const found = Object.getOwnPropertyDescriptor(context, 'contentsModel');
  if (found) {
    return; // it is already
  }
  context.model.readOnly = true;
  const prototype = Object.getPrototypeOf(context) as object;
  Object.defineProperties(context, {
    // Lab asks the file's model, and that says only what the server may do
    contentsModel: {
      get(): unknown {
        const model = Reflect.get(prototype, 'contentsModel', context) as object | null;
        return model && { ...model, writable: false };
      }
    },
    canSave: { get: () => false }
  });
}
