import { useMemo, useRef } from 'react';
import type { IProblem } from '../../../model/contract';
import { CodeEditor, type ICodeEditor, type IMark } from '../../code/CodeEditor';
import { useT } from '../../surroundings';
import { useEditor } from '../context';
import { ProblemList } from './ProblemList';
import { useYaml } from './useYaml';

export function YamlPane() {
  const t = useT();
  const { broken, problems, readonly } = useEditor();
  const yaml = useYaml();
  const box = useRef<ICodeEditor>(null);
  const all = useMemo(
    () => (broken && !problems.some(problem => problem.text === broken.text) ? [broken, ...problems] : problems),
    [broken, problems]
  );
  const placed = useMemo(() => all.filter((problem): problem is IProblem & IMark => problem.line !== null), [all]);
  return (
    <div className="jmo-code-pane">
      <CodeEditor
        ref={box}
        text={yaml.text}
        language="yaml"
        label={t('Workflow as YAML')}
        onChange={yaml.type}
        problems={placed}
        readonly={readonly}
      />
      <ProblemList problems={all} goTo={problem => problem.line !== null && box.current?.goTo(problem.line)} />
    </div>
  );
}
