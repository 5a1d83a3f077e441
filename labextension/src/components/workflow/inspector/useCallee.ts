import { useMemo } from 'react';
import type { IInput, IParameter } from '../../../model/contract';
import { functionOf, read, type IStep, type IWorkflowParam } from '../../../model/workflow/document';
import { pythonOf } from '../../../model/workflow/literals';
import { useAnswer } from '../../answers';
import { useEditor } from '../context';

/** What a step calls takes. */
export interface ICallee {
  /** False while it isn't known: nobody can say then what is too much. */
  known: boolean;
  parameters: readonly IParameter[];
  inputs: readonly IInput[];
}

export function useCallee(step: IStep): ICallee {
  const { functions } = useEditor();
  const called = functions.get(functionOf(step) ?? '');
  const forms = useAnswer('workflows.get', step.workflow === null ? null : { name: step.workflow }, {
    stale: event => event.type === 'changed' && event.what === 'workflows' && event.name === step.workflow
  });
  const yaml = forms.value?.yaml ?? null;
  return useMemo(() => {
    if (step.workflow !== null) {
      const params = yaml === null ? null : (read(yaml).doc?.params ?? null);
      return { known: params !== null, parameters: (params ?? []).map(parameterOf), inputs: [] };
    }
    const usable = called !== undefined && !called.problem;
    return { known: usable, parameters: usable ? called.parameters : [], inputs: usable ? called.inputs : [] };
  }, [step.workflow, called, yaml]);
}

/** A parameter of a workflow, as of a Function. */
export function parameterOf(param: IWorkflowParam): IParameter {
  return {
    name: param.name,
    default: param.required ? null : pythonOf(param.default),
    value: param.default,
    hint: param.type,
    help: param.help,
    choices: null,
    control: controlOf(param)
  };
}

function controlOf({ type, default: value }: IWorkflowParam): IParameter['control'] {
  const named = (['int', 'float', 'bool', 'str'] as const).find(each => each === type);
  if (named || type) {
    return named ?? 'python';
  }
  return typeof value === 'string' ? 'str' : typeof value === 'boolean' ? 'bool' : 'python';
}
