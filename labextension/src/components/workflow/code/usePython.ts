import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { IBackend } from '../../../model/backend';
import type { IProblem } from '../../../model/contract';
import { useBackend } from '../../surroundings';
import { useEditor, type IEditor } from '../context';
import { draftOf, keepDraft } from './drafts';

export type PythonState =
  | { is: 'loading' }
  /** What is shown says the same as the YAML. */
  | { is: 'same' }
  | { is: 'waiting' }
  | { is: 'converting' }
  /** What was typed is no workflow. */
  | { is: 'wrong'; problems: readonly IProblem[] }
  /** The YAML can't be said as Python. */
  | { is: 'unsayable'; problems: readonly IProblem[] }
  | { is: 'failed'; error: Error };

export interface IPython {
  text: string;
  state: PythonState;
  /** Whether the workflow was changed elsewhere while this was written. */
  overtaken: boolean;
  type(text: string): void;
  /** Give up what was typed and show what the workflow is now. */
  discard(): void;
  retry(): void;
}

/** How long somebody who types pauses before it is converted. */
const PAUSE = 600;

/** The workflow as Python: made from the YAML, and turned into it after each pause. */
export function usePython(): IPython {
  const backend = useBackend();
  const editor = useEditor();
  const { file, text: yaml } = editor;
  const [python, setPython] = useState<{ text: string; yaml: string } | null>(null);
  const [draft, setDraft] = useState(() => draftOf(file));
  const [state, setState] = useState<PythonState>(() =>
    draft?.problems.length ? { is: 'wrong', problems: draft.problems } : { is: draft ? 'waiting' : 'loading' }
  );
  const latest = useRef(editor);
  latest.current = editor;
  const convert = useMemo(() => converter(backend, () => latest.current), [backend]);

  const settle = useCallback(
    async (text: string): Promise<boolean> => {
      setState({ is: 'converting' });
      const result = await convert(text);
      if (result.is === 'overtaken') {
        return draftOf(file) === null;
      }
      if (result.is === 'converted') {
        keepDraft(file, null);
        setPython({ text, yaml: result.yaml });
        setDraft(null);
        setState({ is: 'same' });
        return true;
      }
      const kept = draftOf(file);
      if (kept) {
        keepDraft(file, { ...kept, problems: result.is === 'wrong' ? result.problems : [] });
      }
      setState(result);
      return false;
    },
    [convert, file]
  );

  const type = useCallback(
    (text: string) => {
      const base = draftOf(file)?.base ?? latest.current.text;
      const made = { python: text, base, problems: [], settle: () => settle(text) };
      keepDraft(file, made);
      setDraft(made);
      setState({ is: 'waiting' });
    },
    [file, settle]
  );

  // after a pause
  useEffect(() => {
    if (draft === null || state.is !== 'waiting') {
      return undefined;
    }
    const timer = setTimeout(() => void settle(draft.python), PAUSE);
    return () => clearTimeout(timer);
  }, [draft, state.is, settle]);

  useEffect(() => {
    const kept = draftOf(file);
    if (kept) {
      keepDraft(file, { ...kept, settle: () => settle(kept.python) }); // by the view that is shown now
    }
    return () => {
      const left = draftOf(file);
      if (left && left.problems.length === 0) {
        void left.settle(); // what was typed in the last moment isn't left behind
      }
    };
  }, [file, settle]);

  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (draft !== null || python?.yaml === yaml) {
      return undefined;
    }
    let wanted = true;
    backend.call('workflows.check', { name: file.name, yaml }).then(
      forms => {
        if (!wanted) {
          return;
        }
        setPython({ text: forms.python ?? '', yaml });
        setState(forms.python === null ? { is: 'unsayable', problems: forms.problems } : { is: 'same' });
      },
      (error: Error) => wanted && setState({ is: 'failed', error })
    );
    return () => {
      wanted = false;
    };
  }, [backend, draft, file, python, yaml, tries]);

  return {
    text: draft?.python ?? python?.text ?? '',
    state,
    overtaken: draft !== null && draft.base !== yaml,
    type,
    discard: () => {
      keepDraft(file, null);
      setDraft(null);
      setPython(null);
      setState({ is: 'loading' });
    },
    retry: () => (draft ? void settle(draft.python) : setTries(tries + 1))
  };
}

type Conversion =
  | { is: 'converted'; yaml: string }
  | { is: 'wrong'; problems: readonly IProblem[] }
  | { is: 'failed'; error: Error }
  /** Something newer is being converted. */
  | { is: 'overtaken' };

function converter(backend: IBackend, now: () => IEditor): (python: string) => Promise<Conversion> {
  let turn = 0;
  let burst = 0;
  let last = 0;
  return async python => {
    const mine = ++turn;
    for (;;) {
      const { file, text: previous } = now();
      let answer;
      try {
        answer = await backend.call('workflows.check', { name: file.name, python, previous });
        // of what can't be converted the YAML before comes back; the same comes back when nothing changed
        if (answer.problems.length && answer.yaml === previous && (await isRefused(backend, file.name, python))) {
          return mine === turn ? { is: 'wrong', problems: answer.problems } : { is: 'overtaken' };
        }
      } catch (error) {
        return mine === turn ? { is: 'failed', error: error as Error } : { is: 'overtaken' };
      }
      if (mine !== turn) {
        return { is: 'overtaken' };
      }
      if (now().text !== previous) {
        continue; // changed elsewhere meanwhile: keep its comments too
      }
      const moment = Date.now();
      burst = moment - last > 3000 ? moment : burst;
      last = moment;
      const { yaml } = answer;
      now().edit('Edit code', () => yaml, `python-${burst}`);
      return { is: 'converted', yaml };
    }
  };
}

async function isRefused(backend: IBackend, name: string, python: string): Promise<boolean> {
  return (await backend.call('workflows.check', { name, python })).yaml === '';
}
