/** Typing into a code editor: happy-dom knows too little of selections for real keys. */
import { EditorView } from '@codemirror/view';
import { act } from '@testing-library/react';

export function editorOf(box: HTMLElement): EditorView {
  const view = EditorView.findFromDOM(box);
  if (view === null) {
    throw new Error('There is no code editor in this element.');
  }
  return view;
}

/** Replace all of the text, as somebody who types. */
export function retype(box: HTMLElement, text: string): void {
  const view = editorOf(box);
  act(() => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, userEvent: 'input.type' }));
}
