/** Runs as the server tells them, for tests. */
import type { Answer, Args, IRunDetail, IRunRow } from '../model/contract';

export function runRow(id: string, more: Partial<IRunRow> = {}): IRunRow {
  return {
    ...{ id, name: `train ${id}`, function: 'train', workflow: null, step: null, iteration: null, parent: null },
    ...{ state: 'completed', reason: '', created: 1000, started: 1001, ended: 1011, duration: 10 },
    ...{ version: '0123456789ab', user: 'ann', host: 'lab', origin: 'panel', params: {}, results: {}, tags: {} },
    ...{ children: 0, best: false },
    ...more
  };
}

export function runDetail(id: string, more: Partial<IRunDetail> = {}): IRunDetail {
  return {
    ...runRow(id),
    ...{ error: null, inputs: [], values: {}, metrics: [], artifacts: [], cells: [], environment: {}, steps: [] },
    usage: { memory: null, cpu: null },
    git: { commit: null, branch: null, dirty: null },
    ...{ attempt: 1, progress: null, notebook: null, folder: 'churn/runs/1', sweep: null, yaml: null, resumable: false },
    ...more
  };
}

/** Answers `runs.list` from rows that may be changed meanwhile: newest (first) on top, searched by name. */
export function listOf(rows: IRunRow[]): (args: Args<'runs.list'>) => Answer<'runs.list'> {
  return ({ query = '', parent, offset = 0, limit = 100, descending = true }) => {
    const fit = rows.filter(row => row.name.includes(query) && (parent === undefined || row.parent === parent));
    const ordered = descending ? fit : [...fit].reverse();
    const keys = (section: 'params' | 'results' | 'tags'): string[] => [
      ...new Set(rows.flatMap(row => Object.keys(row[section])))
    ];
    const columns = { params: keys('params'), results: keys('results'), tags: keys('tags'), metrics: [] };
    return { total: fit.length, rows: ordered.slice(offset, offset + limit), columns, offset };
  };
}
