/** Problems on lines: a sign in the gutter that says the text, and a tinted line. */
import { StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, EditorView, gutter, GutterMarker, type DecorationSet } from '@codemirror/view';

export interface IMark {
  /** From 1. */
  line: number;
  text: string;
}

export const setMarks = StateEffect.define<readonly IMark[]>();

interface IShown {
  texts: ReadonlyMap<number, string>;
  lines: DecorationSet;
}

const field = StateField.define<IShown>({
  create: () => ({ texts: new Map(), lines: Decoration.none }),
  update(shown, transaction) {
    const effect = transaction.effects.find(one => one.is(setMarks));
    if (effect) {
      return marked(effect.value as readonly IMark[], transaction.state.doc.lines, line => transaction.state.doc.line(line).from);
    }
    return transaction.docChanged ? { texts: moved(shown), lines: shown.lines.map(transaction.changes) } : shown;
    function moved(before: IShown): ReadonlyMap<number, string> {
      const found = new Map<number, string>();
      const { startState, newDoc, changes } = transaction;
      for (const [line, text] of before.texts) {
        if (line <= startState.doc.lines) {
          found.set(newDoc.lineAt(changes.mapPos(startState.doc.line(line).from)).number, text);
        }
      }
      return found;
    }
  },
  provide: it => EditorView.decorations.from(it, shown => shown.lines)
});

function marked(marks: readonly IMark[], lines: number, start: (line: number) => number): IShown {
  const texts = new Map<number, string>();
  for (const { line, text } of marks) {
    const at = Math.min(Math.max(1, line), lines);
    texts.set(at, texts.has(at) ? `${texts.get(at)}\n${text}` : text);
  }
  const places = [...texts.keys()].sort((one, other) => one - other);
  return { texts, lines: Decoration.set(places.map(line => Decoration.line({ class: 'jmo-code-wrong' }).range(start(line)))) };
}

class Sign extends GutterMarker {
  constructor(readonly text: string) {
    super();
  }
  eq(other: GutterMarker): boolean {
    return other instanceof Sign && other.text === this.text;
  }
  toDOM(): HTMLElement {
    const sign = document.createElement('span');
    sign.className = 'jmo-code-sign';
    sign.textContent = '●';
    sign.title = this.text;
    return sign;
  }
}

export const marks: Extension = [
  field,
  gutter({
    class: 'jmo-code-signs',
    lineMarker(view, line) {
      const text = view.state.field(field).texts.get(view.state.doc.lineAt(line.from).number);
      return text === undefined ? null : new Sign(text);
    },
    lineMarkerChange: update => update.startState.field(field) !== update.state.field(field)
  })
];
