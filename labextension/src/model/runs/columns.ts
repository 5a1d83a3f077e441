/** The columns of the table of runs: which there are, which are shown, in what order, how wide. */
import type { IRunColumns, IRunRow, Json } from '../contract';

export type Section = 'about' | 'results' | 'params' | 'tags';

export interface IColumn {
  /** As the server sorts by it: `state`, `results.accuracy`. */
  id: string;
  section: Section;
  key: string;
  /** What it is wide, unless somebody changed it, in pixels. */
  width: number;
}

const ABOUT: [key: string, width: number][] = [
  ['name', 190],
  ['state', 104],
  ['created', 100],
  ['duration', 130],
  ['function', 120],
  ['workflow', 120],
  ['step', 110],
  ['iteration', 80],
  ['started', 100],
  ['ended', 100],
  ['version', 90],
  ['user', 90],
  ['host', 110],
  ['origin', 90],
  ['reason', 200],
  ['id', 200]
];
const SHOWN_FIRST = ['name', 'state', 'created', 'duration'];
/** How many results and params are shown unless somebody chose. */
const MOST = 8;

/** Every column that the project's runs can have. */
export function everyColumn(known: IRunColumns): IColumn[] {
  const of = (section: 'results' | 'params' | 'tags', width: number): IColumn[] =>
    known[section].map(key => ({ id: `${section}.${key}`, section, key, width }));
  return [
    ...ABOUT.map(([key, width]): IColumn => ({ id: key, section: 'about', key, width })),
    ...of('results', 96),
    ...of('params', 110),
    ...of('tags', 110)
  ];
}

/** What is shown when nobody has chosen: results and params that the runs at hand have. */
export function usualColumns(every: IColumn[], rows: IRunRow[]): string[] {
  const has = (column: IColumn): boolean =>
    rows.some(row => (row[column.section as 'results' | 'params'] as Record<string, Json>)[column.key] !== undefined);
  const some = (section: Section): string[] =>
    every
      .filter(column => column.section === section && has(column))
      .slice(0, MOST)
      .map(column => column.id);
  return [...SHOWN_FIRST, ...some('results'), ...some('params'), ...some('tags').slice(0, 2)];
}

export function valueOf(row: IRunRow, column: IColumn): Json | undefined {
  return column.section === 'about' ? (row[column.key as keyof IRunRow] as Json) : row[column.section][column.key];
}
