/** The columns of the table of runs: which there are, which are shown, in what order, how wide, and which way is better. */
import type { IRunColumns, IRunRow, Json } from '../contract';

export type Section = 'about' | 'results' | 'params' | 'tags';

export interface IColumn {
  /** As the server sorts by it: `state`, `results.accuracy`. */
  id: string;
  section: Section;
  key: string;
  /** What it is wide, unless somebody changed it, in pixels. */
  width: number;
  /** Whether it holds numbers. */
  right?: boolean;
}

/** What somebody chose; what isn't chosen is as usual. */
export interface IColumnState {
  /** Ids in order; null shows the usual ones. */
  shown: string[] | null;
  /** Ids that stay in sight at the left. */
  pinned: string[];
  widths: Record<string, number>;
  /** Results of which less is better (or, if false, more), by id. */
  less: Record<string, boolean>;
}

export const AS_USUAL: IColumnState = { shown: null, pinned: ['name'], widths: {}, less: {} };
export const NARROWEST = 56;
export const WIDEST = 900;

const ABOUT: [key: string, width: number][] = [
  ['name', 200],
  ['state', 112],
  ['created', 96],
  ['duration', 128],
  ['function', 120],
  ['workflow', 120],
  ['step', 110],
  ['iteration', 84],
  ['started', 96],
  ['ended', 96],
  ['version', 90],
  ['user', 90],
  ['host', 110],
  ['origin', 90],
  ['reason', 200],
  ['id', 200]
];
const FIRST = ['name', 'state', 'created', 'duration'];
/** How many results, and params, are shown unless somebody chose. */
const MOST = 8;

/** The number of a sweep's best iteration, which it gives as a result: neither more nor less of it is better. */
export const BEST = 'best_iteration';

/** Every column that the project's runs can have. */
export function everyColumn(known: IRunColumns): IColumn[] {
  const of = (section: 'results' | 'params' | 'tags', least: number): IColumn[] =>
    known[section].map(key => ({
      id: `${section}.${key}`,
      section,
      key,
      width: Math.min(190, Math.max(least, 44 + 7 * key.length))
    }));
  return [
    ...ABOUT.map(([key, width]): IColumn => ({ id: key, section: 'about', key, width })),
    ...of('results', 84),
    ...of('params', 84),
    ...of('tags', 84)
  ];
}

/** What is shown when nobody has chosen: results, params and tags that the runs at hand have. */
export function usualColumns(every: IColumn[], rows: IRunRow[]): string[] {
  const some = (section: 'results' | 'params' | 'tags', most: number): string[] =>
    every

      .filter(
        column =>
          column.section === section &&
          column.id !== `results.${BEST}` &&
          rows.some(row => row[section][column.key] !== undefined)
      )
      .slice(0, most)
      .map(column => column.id);
  return [...FIRST, ...some('results', MOST), ...some('params', MOST), ...some('tags', 3)];
}

/** The columns in the order of the table: pinned ones first, those that aren't there any more left out. */
export function arranged(every: IColumn[], state: IColumnState, usual: string[], right: string[] = []): IColumn[] {
  const byId = new Map(every.map(column => [column.id, column]));
  const shown = state.shown ?? usual;
  const order = [...shown.filter(id => state.pinned.includes(id)), ...shown.filter(id => !state.pinned.includes(id))];
  return order.flatMap(id => {
    const column = byId.get(id);
    return column ? [{ ...column, width: state.widths[id] ?? column.width, right: right.includes(id) }] : [];
  });
}

/** Which columns hold numbers, by what the runs at hand have: those stand at the right. */
export function numeric(every: IColumn[], rows: IRunRow[]): string[] {
  const isNumber = (column: IColumn): boolean => {
    const found = rows.map(row => valueOf(row, column)).filter(value => value !== undefined && value !== null);
    return found.length === 0 ? column.section === 'results' : found.every(value => typeof value === 'number');
  };
  return every.filter(column => column.section !== 'about' && isNumber(column)).map(({ id }) => id);
}

const toggled = (ids: string[], id: string): string[] => (ids.includes(id) ? ids.filter(other => other !== id) : [...ids, id]);

/** Show a column as the last one, or hide it. The name of a run always stays. */
export const show = (state: IColumnState, usual: string[], id: string): IColumnState =>
  id === 'name' ? state : { ...state, shown: toggled(state.shown ?? usual, id) };

export const pin = (state: IColumnState, id: string): IColumnState => ({ ...state, pinned: toggled(state.pinned, id) });

/** Put a column where another one is. */
export function move(state: IColumnState, usual: string[], id: string, to: string): IColumnState {
  const shown = state.shown ?? usual;
  const from = shown.indexOf(id);
  const target = shown.indexOf(to);
  if (from < 0 || target < 0 || from === target) {
    return state;
  }
  const rest = shown.filter(other => other !== id);
  rest.splice(target, 0, id);
  const pinned = state.pinned.includes(to) === state.pinned.includes(id) ? state.pinned : toggled(state.pinned, id);
  return { ...state, shown: rest, pinned };
}

export const resize = (state: IColumnState, id: string, width: number): IColumnState => ({
  ...state,
  widths: { ...state.widths, [id]: Math.round(Math.min(WIDEST, Math.max(NARROWEST, width))) }
});

export const prefer = (state: IColumnState, id: string, less: boolean): IColumnState => ({
  ...state,
  less: { ...state.less, [id]: less }
});

const LESS = /loss|err|mse|mae|rmse|latency|time|seconds|duration|perplexity|cost|memory|size/i;

/** Whether less of a result is better: as somebody said, else as its name suggests. */
export const lessIsBetter = (state: IColumnState, column: IColumn): boolean => state.less[column.id] ?? LESS.test(column.key);

export function valueOf(row: IRunRow, column: IColumn): Json | undefined {
  return column.section === 'about' ? (row[column.key as keyof IRunRow] as Json) : row[column.section][column.key];
}

/** Whether the first click on its header sorts from the top down. */
export const startsDescending = (column: IColumn, state: IColumnState): boolean =>
  column.section === 'results'
    ? !lessIsBetter(state, column)
    : !['name', 'state', 'function', 'workflow', 'step'].includes(column.id);
