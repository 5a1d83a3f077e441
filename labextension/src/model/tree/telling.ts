/** What tells runs of the same name apart, in few words: params in which they differ, else results. */
import type { IRunRow, Json } from '../contract';
import { shown } from '../format';
import { BEST } from '../runs/columns';

const MOST = 3; // of a run
const LONGEST = 24; // characters of a value

/** A line for each run whose name another run of the list has, too. */
export function telling(runs: readonly IRunRow[], nameOf: (run: IRunRow) => string): Map<string, string> {
  const kin = new Map<string, IRunRow[]>();
  for (const run of runs) {
    // iterations are all alike but for their number
    const name = run.iteration === null ? `${what(run)}/${nameOf(run)}` : `#${run.parent}`;
    kin.set(name, [...(kin.get(name) ?? []), run]);
  }
  const told = new Map<string, string>();
  for (const alike of kin.values()) {
    // what a sweep was given is what its iterations have in common: its best tells more
    const keys = isSweep(alike[0]) ? [] : differing(alike, 'params');
    const section = keys.length > 0 ? 'params' : 'results';
    const said = keys.length > 0 ? keys : differing(alike, 'results');
    for (const run of alike.length > 1 ? alike : []) {
      const parts = said.filter(key => isSaid(run[section][key])).slice(0, MOST);
      if (parts.length > 0) {
        told.set(run.id, parts.map(key => `${shown(key, LONGEST)} ${shown(run[section][key], LONGEST)}`).join(' · '));
      }
    }
  }
  return told;
}

const isSweep = (run: IRunRow): boolean => run.children > 0 && run.function !== null;

const what = (run: IRunRow): string => `${run.function ?? run.workflow ?? ''}${isSweep(run) ? '*' : ''}`;

const isSaid = (value: Json | undefined): boolean => value !== undefined && value !== null && value !== '';

/** The keys whose values aren't the same in all, those first that change most often from one run to the next. */
function differing(runs: IRunRow[], section: 'params' | 'results'): string[] {
  const keys = [...new Set(runs.flatMap(run => Object.keys(run[section])))].filter(key => key !== BEST);
  const changes = (key: string): number =>
    runs.filter((run, at) => at > 0 && JSON.stringify(run[section][key]) !== JSON.stringify(runs[at - 1][section][key])).length;
  return keys
    .map(key => ({ key, often: changes(key) }))
    .filter(({ often }) => often > 0)
    .sort((one, other) => other.often - one.often)
    .map(({ key }) => key);
}
