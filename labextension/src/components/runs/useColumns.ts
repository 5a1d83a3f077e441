import { useMemo } from 'react';
import type { IRunColumns, IRunRow } from '../../model/contract';
import { arranged, everyColumn, numeric, usualColumns, type IColumn, type IColumnState } from '../../model/runs/columns';

const NONE: IRunColumns = { params: [], results: [], tags: [], metrics: [] };
const LOOKED_AT = 200; // rows that tell which columns are of use

export interface IColumns {
  /** All there are. */
  every: IColumn[];
  /** The ids of those shown when nobody has chosen. */
  usual: string[];
  /** Those shown, in order. */
  columns: IColumn[];
}

/** The table's columns; the same objects as long as nothing changed. */
export function useColumns(found: IRunColumns | null, known: IRunRow[], state: IColumnState): IColumns {
  const stamp = JSON.stringify(found ?? NONE);
  const every = useMemo(() => everyColumn(JSON.parse(stamp) as IRunColumns), [stamp]);
  const [first, numbers] = useMemo(() => {
    const some = known.slice(0, LOOKED_AT);
    return [usualColumns(every, some).join('\n'), numeric(every, some).join('\n')];
  }, [every, known]);
  return useMemo(() => {
    const usual = first.split('\n');
    return { every, usual, columns: arranged(every, state, usual, numbers.split('\n')) };
  }, [every, first, numbers, state]);
}
