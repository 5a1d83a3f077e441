import { useCallback, useMemo } from 'react';
import type { IRunOptions, Value } from '../../../model/contract';
import { functionOf, type IStep } from '../../../model/workflow/document';
import { removeSteps, renameStep } from '../../../model/workflow/edits';
import { isName } from '../../../model/workflow/names';
import { useBackend, useHost } from '../../surroundings';
import { useEditor } from '../context';

/** What can be done with steps, wherever they are shown. */
export interface IStepActions {
  runFrom(step: string): void;
  runOnly(steps: readonly string[]): void;
  resume(run: string): void;
  rename(step: string, to: string): void;
  askName(step: string): void;
  remove(steps: readonly string[]): void;
  /** Open the notebook of its Function, or the workflow that it calls. */
  openCalled(step: IStep): void;
  nameProblem(step: string, to: string): string | null;
}

export function useStepActions(): IStepActions {
  const backend = useBackend();
  const host = useHost();
  const { file, doc, live, edit, select, selected } = useEditor();
  const { t } = host;

  const start = useCallback(
    async (options: IRunOptions) => {
      if (file.dirty) {
        await file.save();
      }
      // a part of the workflow runs with the parameters of the run that it continues
      const needed = live !== null && doc.params.some(param => param.required);
      const params: Record<string, Value> = needed ? (await backend.call('runs.get', { run: live.run.id })).values : {};
      await backend.call('runs.start', { target: file.name, options: needed ? { ...options, params } : options });
    },
    [backend, doc, file, live]
  );
  return useMemo(() => {
    const told = (doing: Promise<unknown>) => void doing.catch((error: Error) => host.notify(error.message, 'error'));
    const nameProblem = (step: string, to: string) =>
      to !== step && doc.steps.some(each => each.name === to)
        ? t('There is a step “%1” already', to)
        : isName(to)
          ? null
          : t('Use a-z, 0-9 and _; begin with a letter');
    const rename = (step: string, to: string) => {
      if (edit(t('Rename %1', step), text => renameStep(text, step, to))) {
        select(selected.map(name => (name === step ? to : name)));
      }
    };
    return {
      runFrom: step => told(start({ from_step: step })),
      runOnly: steps => told(start({ only: [...steps] })),
      resume: run => told(Promise.resolve(file.dirty && file.save()).then(() => backend.call('runs.resume', { run }))),
      rename,
      askName: step =>
        void host
          .ask({
            title: t('Rename step'),
            label: t('Name'),
            value: step,
            accept: t('Rename'),
            check: to => nameProblem(step, to)
          })
          .then(to => void (to !== null && to !== step && rename(step, to))),
      remove: steps => {
        const label = steps.length === 1 ? t('Delete %1', steps[0]) : t('Delete %1 steps', steps.length);
        if (edit(label, text => removeSteps(text, steps))) {
          select(selected.filter(name => !steps.includes(name)));
        }
      },
      openCalled: step => {
        const name = functionOf(step);
        if (step.workflow !== null) {
          host.openWorkflow(step.workflow);
        } else if (name !== null) {
          told(
            backend.call('functions.get', { name }).then(({ contents }) => {
              if (contents === null || host.openFile === null) {
                throw new Error(t("The notebook of %1 can't be opened here.", name));
              }
              host.openFile(contents);
            })
          );
        }
      },
      nameProblem
    };
  }, [backend, doc, edit, file, host, select, selected, start, t]);
}
