/** Questions and short messages inside a panel, where there is no Lab to show them. */
import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { useEffect, useId, useReducer, useRef, useState, type KeyboardEvent } from 'react';
import { Button, Field, IconButton } from '../ui';
import type { CellHost, INote, IQuestion } from './host';

export function Dialogs({ host }: { host: CellHost }) {
  const [, again] = useReducer((n: number) => n + 1, 0);
  useEffect(() => host.changed.on(again), [host]);
  const [question] = host.questions;
  return (
    <>
      {question ? <Dialog key={question.title + host.questions.length} question={question} t={host.t} /> : null}
      <div className="jmo-notes" role="status">
        {host.notes.map(note => (
          <Note key={note.id} note={note} onClose={() => host.dismiss(note.id)} t={host.t} />
        ))}
      </div>
    </>
  );
}

type T = CellHost['t'];

function Dialog({ question, t }: { question: IQuestion; t: T }) {
  const id = useId();
  const dialog = useRef<HTMLFormElement>(null);
  const [text, setText] = useState(question.field?.value ?? '');
  const [tried, setTried] = useState(false);
  const problem = question.field?.check?.(text) ?? null;
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    // what can't be taken back isn't what Enter does
    dialog.current?.querySelector<HTMLElement>(question.danger ? 'footer button' : 'input, footer button:last-child')?.focus();
    return () => before?.focus?.();
  }, [question]);
  const keys = (event: KeyboardEvent): void => {
    event.stopPropagation(); // the notebook has keys of its own
    if (event.key === 'Escape') {
      question.answer(null);
    } else if (event.key === 'Tab') {
      stay(event, dialog.current);
    }
  };
  return (
    <div className="jmo-dialog-back">
      <form
        ref={dialog}
        className="jmo-dialog"
        role="dialog"
        aria-modal
        aria-labelledby={`${id}-title`}
        onKeyDown={keys}
        onSubmit={event => {
          event.preventDefault();
          setTried(true);
          if (problem === null) {
            question.answer(text);
          }
        }}
      >
        <header id={`${id}-title`}>{question.title}</header>
        <div>
          {question.body}
          {question.field ? (
            <Field label={question.field.label} error={tried ? problem : null}>
              {ids => <input {...ids} className="jmo-input" value={text} onChange={event => setText(event.target.value)} />}
            </Field>
          ) : null}
        </div>
        <footer>
          <Button onClick={() => question.answer(null)}>{t('Cancel')}</Button>
          <Button type="submit" look={question.danger ? 'danger' : 'primary'}>
            {question.accept}
          </Button>
        </footer>
      </form>
    </div>
  );
}

/** Tab goes round in the dialog. */
function stay(event: KeyboardEvent, dialog: HTMLElement | null): void {
  const stops = [...(dialog?.querySelectorAll<HTMLElement>('button, input') ?? [])];
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement === edge) {
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }
}

const SIGN = { info: Info, success: CircleCheck, error: CircleAlert };

function Note({ note, onClose, t }: { note: INote; onClose(): void; t: T }) {
  const Sign = SIGN[note.kind];
  return (
    <div className={`jmo-note jmo-note-${note.kind}`}>
      <Sign size={14} aria-hidden />
      <span>{note.message}</span>
      <IconButton icon={X} label={t('Close')} onClick={onClose} />
    </div>
  );
}
