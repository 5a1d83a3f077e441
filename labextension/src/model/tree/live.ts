/** Functions and workflows as they are after a run was told of, so that not every step asks for the lists again. */
import type { IFunction, IRunRow, IWorkflowRef } from '../contract';

export function functionsAfter(functions: IFunction[], run: IRunRow): IFunction[] {
  return functions.map(each => {
    if (each.name !== run.function || (each.latest && each.latest.run > run.id)) {
      return each;
    }
    const isNew = each.latest?.run !== run.id;
    return { ...each, runs: each.runs + (isNew ? 1 : 0), latest: { run: run.id, state: run.state, created: run.created } };
  });
}

export function workflowsAfter(workflows: IWorkflowRef[], run: IRunRow): IWorkflowRef[] {
  return workflows.map(each => {
    const { latest } = each;
    if (run.parent !== null || each.name !== run.workflow || (latest && latest.run > run.id)) {
      return each;
    }
    const done = latest?.run === run.id ? latest.done : 0;
    return { ...each, latest: { run: run.id, state: run.state, created: run.created, done } };
  });
}
