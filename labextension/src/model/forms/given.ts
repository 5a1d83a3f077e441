/** What a form is filled with. */
import type { IRunDetail } from '../contract';
import type { IGiven } from '../host';

/** As a run was: so that only what differs has to be written. */
export function runGiven(run: Pick<IRunDetail, 'id' | 'values' | 'inputs'>): IGiven {
  return {
    params: run.values,
    inputs: Object.fromEntries(run.inputs.map(({ name, uri }) => [name, uri])),
    rerun: run.id
  };
}
