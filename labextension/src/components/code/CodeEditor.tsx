/** CodeMirror in our colours. Tab indents; Escape, then Tab leaves it. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { python } from '@codemirror/lang-python';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { Annotation, Compartment, EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { forwardRef, useEffect, useImperativeHandle, useRef } from 'react';
import { highlight } from './highlight';
import { marks, setMarks, type IMark } from './marks';

export type { IMark } from './marks';

export interface ICodeEditorProps {
  text: string;
  language: 'python' | 'yaml';
  /** Its accessible name. */
  label: string;
  onChange?(text: string): void;
  problems?: readonly IMark[];
  readonly?: boolean;
}

export interface ICodeEditor {
  /** Put the cursor in a line (from 1) and show it. */
  goTo(line: number): void;
}

/** A change that came from outside: it isn't told back. */
const fromOutside = Annotation.define<boolean>();

export const CodeEditor = forwardRef<ICodeEditor, ICodeEditorProps>(function CodeEditor(props, ref) {
  const { text, language, label, problems, readonly = false } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changeable = useRef(new Compartment());
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const editor = new EditorView({
      parent: place.current ?? undefined,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [
          ...furniture(language, label),
          changeable.current.of(access(latest.current.readonly ?? false)),
          EditorView.updateListener.of(update => {
            if (update.docChanged && !update.transactions.some(one => one.annotation(fromOutside))) {
              latest.current.onChange?.(update.state.doc.toString());
            }
          })
        ]
      })
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, [language, label]);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== text) {
      editor.dispatch({ changes: difference(editor.state.doc.toString(), text), annotations: fromOutside.of(true) });
    }
  }, [text, language, label]);
  useEffect(() => {
    view.current?.dispatch({ effects: changeable.current.reconfigure(access(readonly)) });
  }, [readonly, language, label]);
  useEffect(() => {
    view.current?.dispatch({ effects: setMarks.of(problems ?? []) });
  }, [problems, language, label]);

  useImperativeHandle(ref, () => ({
    goTo(line) {
      const editor = view.current;
      if (editor) {
        const { from } = editor.state.doc.line(Math.min(Math.max(1, line), editor.state.doc.lines));
        editor.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
        editor.focus();
      }
    }
  }));
  return <div ref={place} className="jmo-code" onKeyDown={event => isUndo(event) && event.stopPropagation()} />;
});

/** What was typed here is undone here; the screen around has an undo of its own. */
const isUndo = (event: { ctrlKey: boolean; metaKey: boolean; key: string }): boolean =>
  (event.ctrlKey || event.metaKey) && ['z', 'y'].includes(event.key.toLowerCase());

function furniture(language: 'python' | 'yaml', label: string): Extension[] {
  return [
    lineNumbers(),
    marks,
    history(),
    drawSelection(),
    highlightActiveLine(),
    bracketMatching(),
    indentOnInput(),
    indentUnit.of(language === 'python' ? '    ' : '  '),
    language === 'python' ? python() : yaml(),
    highlight,
    keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
    EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' })
  ];
}

const access = (readonly: boolean): Extension => [
  EditorState.readOnly.of(readonly),
  EditorView.contentAttributes.of({ 'aria-readonly': String(readonly) })
];

/** The smallest change from one text to the other, so that cursor and scroll stay where they are. */
export function difference(from: string, to: string): { from: number; to: number; insert: string } {
  const shorter = Math.min(from.length, to.length);
  let head = 0;
  while (head < shorter && from[head] === to[head]) {
    head += 1;
  }
  let tail = 0;
  while (tail < shorter - head && from[from.length - 1 - tail] === to[to.length - 1 - tail]) {
    tail += 1;
  }
  return { from: head, to: from.length - tail, insert: to.slice(head, to.length - tail) };
}
