/** What can be told to be wrong without asking the server, at once. */
import type { IFunction, IProblem } from '../contract';
import type { IHost } from '../host';
import { functionOf, type IStep, type IWorkflowDoc, ON_EXIT } from './document';
import { cycleOf, edgesOf } from './graph';
import { isName } from './names';
import { referencesIn } from './values';

export interface IKnown {
  functions: ReadonlyMap<string, IFunction>;
  /** Names; of the workflow itself, too. */
  workflows: ReadonlySet<string>;
}

/** `known` null says that Functions and workflows are still on their way. */
export function problemsOf(doc: IWorkflowDoc, known: IKnown | null, t: IHost['t']): IProblem[] {
  const names = new Set(doc.steps.map(step => step.name));
  const params = new Set(doc.params.map(param => param.name));
  const problems: IProblem[] = [];
  for (const step of doc.on_exit ? [...doc.steps, doc.on_exit] : doc.steps) {
    const note = (text: string, field: string | null = null) => problems.push({ text, step: step.name, line: step.line, field });
    if (!isName(step.name) && step.name !== ON_EXIT) {
      note(t('“%1” can’t name a step: use a-z, 0-9 and _, and begin with a letter.', step.name));
    }
    if ((step.function === null) === (step.workflow === null)) {
      note(t('A step calls one Function or one workflow.'));
    }
    if (known) {
      called(step, known, note, t);
    }
    for (const field of ['params', 'inputs', 'foreach', 'sweep'] as const) {
      for (const found of referencesIn(step[field])) {
        const there = found.step === 'params' ? params.has(found.output) : found.step === 'run' || names.has(found.step);
        if (!there) {
          const ofParam = found.step === 'params';
          const text = ofParam
            ? t('There is no param “%1”: choose another, or add it.', found.output)
            : t('There is no step “%1”: choose another, or add it.', found.step);
          note(text, field);
        }
      }
    }
    step.after.filter(name => !names.has(name)).forEach(name => note(t('There is no step “%1” to come after.', name), 'after'));
  }
  const cycle = cycleOf(edgesOf(doc));
  if (cycle) {
    problems.push({ text: t('Steps wait for each other: %1.', cycle.join(' → ')), step: cycle[0], line: null, field: null });
  }
  return problems;
}

function called(step: IStep, known: IKnown, note: (text: string, field?: string) => void, t: IHost['t']): void {
  if (step.workflow !== null && !known.workflows.has(step.workflow)) {
    note(t('There is no workflow “%1”.', step.workflow), 'workflow');
  }
  const name = functionOf(step);
  if (name === null) {
    return;
  }
  const found = known.functions.get(name);
  if (!found) {
    note(t('There is no Function “%1”: define it, or choose another.', name), 'function');
  } else if (!found.problem && step.function === name) {
    const given = new Set([...Object.keys(step.inputs), ...Object.keys(step.foreach)]);
    found.inputs
      .filter(input => input.required && !given.has(input.name))
      .forEach(input => note(t('Input “%1” is missing: connect it.', input.name), 'inputs'));
  }
}
