/** What can be told to be wrong without asking the server, at once. */
import type { IFunction, IProblem } from '../contract';
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
export function problemsOf(doc: IWorkflowDoc, known: IKnown | null): IProblem[] {
  const names = new Set(doc.steps.map(step => step.name));
  const params = new Set(doc.params.map(param => param.name));
  const problems: IProblem[] = [];
  for (const step of doc.on_exit ? [...doc.steps, doc.on_exit] : doc.steps) {
    const note = (text: string, field: string | null = null) => problems.push({ text, step: step.name, line: step.line, field });
    if (!isName(step.name) && step.name !== ON_EXIT) {
      note(`“${step.name}” can’t name a step: use a-z, 0-9 and _, and begin with a letter.`);
    }
    if ((step.function === null) === (step.workflow === null)) {
      note('A step calls one Function or one workflow.');
    }
    if (known) {
      called(step, known, note);
    }
    for (const field of ['params', 'inputs', 'foreach', 'sweep'] as const) {
      for (const found of referencesIn(step[field])) {
        const there = found.step === 'params' ? params.has(found.output) : found.step === 'run' || names.has(found.step);
        if (!there) {
          const what = found.step === 'params' ? `no param “${found.output}”` : `no step “${found.step}”`;
          note(`There is ${what}: choose another, or add it.`, field);
        }
      }
    }
    step.after.filter(name => !names.has(name)).forEach(name => note(`There is no step “${name}” to come after.`, 'after'));
  }
  const cycle = cycleOf(edgesOf(doc));
  if (cycle) {
    problems.push({ text: `Steps wait for each other: ${cycle.join(' → ')}.`, step: cycle[0], line: null, field: null });
  }
  return problems;
}

function called(step: IStep, known: IKnown, note: (text: string, field?: string) => void): void {
  if (step.workflow !== null && !known.workflows.has(step.workflow)) {
    note(`There is no workflow “${step.workflow}”.`, 'workflow');
  }
  const name = functionOf(step);
  if (name === null) {
    return;
  }
  const found = known.functions.get(name);
  if (!found) {
    note(`There is no Function “${name}”: define it, or choose another.`, 'function');
  } else if (!found.problem && step.function === name) {
    const given = new Set([...Object.keys(step.inputs), ...Object.keys(step.foreach)]);
    found.inputs
      .filter(input => input.required && !given.has(input.name))
      .forEach(input => note(`Input “${input.name}” is missing: connect it.`, 'inputs'));
  }
}
