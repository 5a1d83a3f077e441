import { LoaderCircle } from 'lucide-react';
import { useMemo, useRef } from 'react';
import type { IProblem } from '../../../model/contract';
import { CodeEditor, type ICodeEditor, type IMark } from '../../code/CodeEditor';
import { useT } from '../../surroundings';
import { Button, Loading, Problem } from '../../ui';
import { useEditor } from '../context';
import { ProblemList } from './ProblemList';
import { usePython, type PythonState } from './usePython';

export function PythonPane({ toYaml }: { toYaml(): void }) {
  const t = useT();
  const { problems: known, readonly } = useEditor();
  const python = usePython();
  const box = useRef<ICodeEditor>(null);
  const { state, text } = python;
  const problems = useMemo(() => located(text, state, known), [text, state, known]);
  if (state.is === 'loading') {
    return <Loading lines={8} />;
  }
  if (state.is === 'failed' && text === '') {
    return <Problem error={state.error} retry={python.retry} />;
  }
  if (state.is === 'unsayable') {
    return (
      <div className="jmo-code-pane">
        <div className="jmo-notice" role="status">
          {t("This can't be said as Python as long as it has problems.")}
          <Button onClick={toYaml}>{t('Open the YAML')}</Button>
        </div>
        <ProblemList problems={state.problems} goTo={toYaml} />
      </div>
    );
  }
  return (
    <div className="jmo-code-pane">
      {python.overtaken ? (
        <div className="jmo-notice" role="status">
          {t('The workflow was changed elsewhere while you wrote.')}
          <Button onClick={python.discard}>{t('Show that instead')}</Button>
        </div>
      ) : null}
      {state.is === 'failed' ? <Problem error={state.error} retry={python.retry} /> : null}
      <CodeEditor
        ref={box}
        text={text}
        language="python"
        label={t('Workflow as Python')}
        onChange={python.type}
        problems={problems.filter(hasLine)}
        readonly={readonly}
      />
      <Status state={state} discard={python.discard} />
      <ProblemList problems={problems} goTo={problem => problem.line !== null && box.current?.goTo(problem.line)} />
    </div>
  );
}

const hasLine = (problem: IProblem): problem is IProblem & IMark => problem.line !== null;

/** Lines of the YAML mean nothing here: a step's problem belongs where the step is assigned. */
function located(text: string, state: PythonState, known: readonly IProblem[]): readonly IProblem[] {
  if (state.is === 'wrong') {
    return state.problems;
  }
  const lines = text.split('\n');
  return known.map(problem => {
    const place = lines.findIndex(line => problem.step !== null && line.trimStart().startsWith(`${problem.step} =`));
    return { ...problem, line: place < 0 ? null : place + 1 };
  });
}

function Status({ state, discard }: { state: PythonState; discard(): void }) {
  const t = useT();
  const busy = state.is === 'converting' || state.is === 'waiting';
  return (
    <div className="jmo-code-status" role="status">
      {busy ? <LoaderCircle size={12} className="jmo-spin" aria-hidden /> : null}
      {busy ? t('Converting…') : null}
      {state.is === 'wrong' ? t('Not a workflow yet: the rest keeps the last one that could be read.') : null}
      {state.is === 'wrong' ? <Button onClick={discard}>{t('Undo to that')}</Button> : null}
    </div>
  );
}
