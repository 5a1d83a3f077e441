/** The text of the workflow: read, changed, taken back. */
import { useCallback, useEffect, useMemo, useReducer, useRef } from 'react';
import type { IProblem } from '../../model/contract';
import type { IWorkflowFile } from '../../model/file';
import { EMPTY, type IWorkflowDoc, read } from '../../model/workflow/document';
import * as history from '../../model/workflow/history';
import { useHost, useT } from '../surroundings';

export interface IDocument {
  text: string;
  doc: IWorkflowDoc;
  broken: IProblem | null;
  edit(label: string, change: (text: string) => string, merge?: string): boolean;
  undo(): void;
  redo(): void;
  undoes: string | null;
  redoes: string | null;
}

export function useDocument(file: IWorkflowFile): IDocument {
  const t = useT();
  const host = useHost();
  const [, renew] = useReducer((turn: number) => turn + 1, 0);
  const kept = useRef({ file, history: history.begin(file.text) });
  if (kept.current.file !== file) {
    kept.current = { file, history: history.begin(file.text) };
  }

  const drawn = useRef(file.readonly);
  drawn.current = file.readonly;

  const become = useCallback(
    (next: history.IHistory) => {
      kept.current.history = next;
      if (next.text !== file.text) {
        file.edit(next.text);
      }
      renew();
    },
    [file]
  );

  useEffect(() => {
    const follow = () => {
      // from outside, or from here: then the texts are the same. A document that isn't loaded yet is empty
      const { history: before } = kept.current;
      const first = before.text === '' && before.past.length === 0;
      kept.current.history = first ? history.begin(file.text) : history.edited(before, file.text, t('Change from outside'));
      renew();
    };
    const off = file.onChange(follow);
    if (file.text !== kept.current.history.text || file.readonly !== drawn.current) {
      follow(); // it was loaded after it was drawn first, and before anybody listened
    }
    return off;
  }, [file, t]);

  const edit = useCallback(
    (label: string, change: (text: string) => string, merge?: string): boolean => {
      if (file.readonly) {
        return false;
      }
      try {
        const before = kept.current.history;
        const next = history.edited(before, change(before.text), label, merge ?? null);
        become(next);
        return next !== before;
      } catch (error) {
        host.notify(error instanceof Error ? error.message : String(error), 'error');
        return false;
      }
    },
    [become, file, host]
  );

  const { text } = kept.current.history;
  const reading = useMemo(() => read(text), [text]);
  const good = useRef<IWorkflowDoc>(EMPTY);
  if (reading.doc && !file.loading) {
    good.current = reading.doc;
  }
  const back = useCallback(
    (turn: (from: history.IHistory) => history.IHistory) => {
      if (!file.readonly) {
        become(turn(kept.current.history));
      }
    },
    [become, file]
  );
  return {
    text,
    doc: reading.doc ?? good.current,
    broken: reading.problem,
    edit,
    undo: useCallback(() => back(history.undone), [back]),
    redo: useCallback(() => back(history.redone), [back]),
    undoes: file.readonly ? null : history.undoes(kept.current.history),
    redoes: file.readonly ? null : history.redoes(kept.current.history)
  };
}
