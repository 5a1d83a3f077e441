/** The runs that were chosen, in the order in which they were; and where a choice with Shift begins. */
import type { IRunRow } from '../contract';

export interface ISelection {
  rows: IRunRow[];
  /** The run that was chosen last without Shift. */
  anchor: string | null;
}

export const NONE: ISelection = { rows: [], anchor: null };

export const isChosen = (selection: ISelection, run: string): boolean => selection.rows.some(row => row.id === run);

export function toggle(selection: ISelection, row: IRunRow): ISelection {
  const rows = isChosen(selection, row.id) ? selection.rows.filter(other => other.id !== row.id) : [...selection.rows, row];
  return { rows, anchor: row.id };
}

/** Also choose what lies between the anchor and here; `between` is in the order of the table. */
export function extend(selection: ISelection, between: IRunRow[]): ISelection {
  return { ...selection, rows: [...selection.rows, ...between.filter(row => !isChosen(selection, row.id))] };
}

/** The chosen runs as they are now. */
export function patched(selection: ISelection, row: IRunRow): ISelection {
  return isChosen(selection, row.id)
    ? { ...selection, rows: selection.rows.map(other => (other.id === row.id ? row : other)) }
    : selection;
}

export function without(selection: ISelection, run: string): ISelection {
  return isChosen(selection, run) ? { ...selection, rows: selection.rows.filter(row => row.id !== run) } : selection;
}
