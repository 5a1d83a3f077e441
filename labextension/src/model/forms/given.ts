/** What a form is filled with. */
import type { IRunDetail } from '../contract';
import type { IGiven } from '../host';

/** As a run was: so that only what differs has to be written. */
export function runGiven(run: Pick<IRunDetail, 'id' | 'values' | 'inputs'>): IGiven {
  return {
    params: run.values,
    inputs: inputsOf(run.inputs),
    rerun: run.id
  };
}

/** A list's items are told one by one, as `name[0]`; in a form they are one text, with commas between. */
function inputsOf(inputs: IRunDetail['inputs']): Record<string, string> {
  const texts = new Map<string, string[]>();
  for (const { name, uri } of inputs) {
    const [, whole, place] = /^(.*?)(?:\[(\d+)\])?$/.exec(name) ?? [];
    const list = texts.get(whole) ?? [];
    list[Number(place ?? 0)] = uri;
    texts.set(whole, list);
  }
  return Object.fromEntries([...texts].map(([name, uris]) => [name, uris.filter(Boolean).join(', ')]));
}
