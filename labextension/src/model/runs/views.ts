/** Saved views: query, order, groups and columns under a name; and what was last looked at, kept by the browser. */
import type { IView } from '../contract';
import { AS_USUAL, type IColumnState } from './columns';
import { isGroup, type Group } from './groups';

export interface ISettings {
  query: string;
  sort: { by: string; descending: boolean };
  group: Group;
  columns: IColumnState;
}

export const NEWEST = { by: 'created', descending: true };

export const asView = (name: string, settings: ISettings): IView => ({
  name,
  query: settings.query,
  sort: settings.sort,
  group: settings.group,
  columns: settings.columns.shown,
  pinned: settings.columns.pinned
});

/** A view over what is there now: widths and preferences stay. */
export const fromView = (view: IView, now: ISettings): ISettings => ({
  query: view.query,
  sort: view.sort ?? NEWEST,
  group: isGroup(view.group) ? view.group : 'tree',
  columns: { ...now.columns, shown: view.columns, pinned: view.pinned }
});

/** Whether what is shown differs from the view. */
export const differs = (view: IView, settings: ISettings): boolean =>
  JSON.stringify(asView(view.name, fromView(view, settings))) !== JSON.stringify(asView(view.name, settings));

export interface IShelf {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const place = (project: string): string => `jupyter-mlops:runs:${project}`;

/** How the columns were when this project's runs were last looked at. */
export function remembered(shelf: IShelf | null, project: string): IColumnState {
  try {
    const found: unknown = JSON.parse(shelf?.getItem(place(project)) ?? 'null');
    return isColumnState(found) ? found : AS_USUAL;
  } catch {
    return AS_USUAL;
  }
}

export function remember(shelf: IShelf | null, project: string, columns: IColumnState): void {
  try {
    shelf?.setItem(place(project), JSON.stringify(columns));
  } catch {
    // storage is full or forbidden: then it's as usual next time
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';

function isColumnState(value: unknown): value is IColumnState {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { shown, pinned, widths, less } = value as Record<string, unknown>;
  const lists = [shown ?? [], pinned].every(list => Array.isArray(list) && list.every(isText));
  return lists && [widths, less].every(record => typeof record === 'object' && record !== null);
}
