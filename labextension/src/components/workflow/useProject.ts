/** What the editor asks the project: Functions, workflows, whether the text is right, and what would run. */
import { useEffect, useMemo, useState } from 'react';
import type { Event, IFunction, IProblem, IVerdict, IWorkflowRef } from '../../model/contract';
import { isFinished } from '../../model/format';
import { problemsOf } from '../../model/workflow/check';
import { useAnswer, useConnection } from '../answers';
import { useBackend, useT } from '../surroundings';
import type { IDocument } from './useDocument';

export interface ICatalogue {
  functions: ReadonlyMap<string, IFunction>;
  workflows: readonly IWorkflowRef[];
  /** Whether both are known. */
  ready: boolean;
}

const changed =
  (...what: string[]) =>
  (event: Event): boolean =>
    event.type === 'changed' && what.includes(event.what);

export function useCatalogue(): ICatalogue {
  const functions = useAnswer('functions.list', {}, { stale: changed('functions', 'project') }).value;
  const workflows = useAnswer('workflows.list', {}, { stale: changed('workflows', 'project') }).value;
  return useMemo(
    () => ({
      functions: new Map((functions?.functions ?? []).map(found => [found.name, found])),
      workflows: workflows?.workflows ?? [],
      ready: functions !== null && workflows !== null
    }),
    [functions, workflows]
  );
}

export interface IJudgement {
  problems: readonly IProblem[];
  /** Whether the server has seen this text, and found nothing wrong. */
  sound: boolean;
}

/** Problems of the text: those that can be told here at once, until the server has said all of them. */
export function useProblems(name: string, { text, doc, broken }: IDocument, catalogue: ICatalogue): IJudgement {
  const t = useT();
  const backend = useBackend();
  const connection = useConnection();
  const [checked, setChecked] = useState<{ text: string; problems: IProblem[] } | null>(null);

  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      backend.call('workflows.check', { name, yaml: text }).then(
        answer => wanted && setChecked({ text, problems: answer.problems }),
        () => undefined // what can be told here stays; the strip says that the server is gone
      );
    }, 300);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
    // the catalogue: a Function that was defined or changed makes another answer
  }, [backend, name, text, connection, catalogue.functions]);

  return useMemo(() => {
    if (broken) {
      return { problems: [broken], sound: false };
    }
    if (checked?.text === text) {
      return { problems: checked.problems, sound: checked.problems.length === 0 };
    }
    const workflows = new Set([name, ...catalogue.workflows.map(found => found.name)]);
    const known = catalogue.ready ? { functions: catalogue.functions, workflows } : null;
    return { problems: problemsOf(doc, known, t), sound: false };
  }, [broken, checked, text, doc, name, catalogue, t]);
}

const NONE: ReadonlyMap<string, IVerdict> = new Map();

/** What `explain` says of each step; asked for when nothing runs, and the saved text is one that could run. */
export function useVerdicts(name: string, wanted: boolean): ReadonlyMap<string, IVerdict> {
  const stale = (event: Event) =>
    changed('functions', 'workflows')(event) ||
    (event.type === 'run' && event.run.parent === null && isFinished(event.run.state));
  const { value } = useAnswer('workflows.explain', wanted ? { name } : null, { stale, wait: 600 });
  return useMemo(() => (wanted && value ? new Map(value.steps.map(step => [step.step, step])) : NONE), [wanted, value]);
}
