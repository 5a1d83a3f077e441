/** What is asked and shown: the settings, and the board of lines that comes of them. */
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { Board, type ILook } from '../../model/runs/board';
import type { IColumnState } from '../../model/runs/columns';
import { NEWEST, remember, remembered, type ISettings } from '../../model/runs/views';
import { useEvents } from '../answers';
import { useBackend } from '../surroundings';

export interface IBoards {
  /** What is on screen: the last that could be answered. */
  shown: Board;
  /** What was asked last; differs from `shown` while it is on its way, and when it was refused. */
  asked: Board;
}

export function useBoard({ query, sort, group }: ILook): IBoards {
  const backend = useBackend();
  const asked = useMemo(
    () => new Board(backend, { query, sort: { by: sort.by, descending: sort.descending }, group }),
    [backend, query, sort.by, sort.descending, group]
  );
  const good = useRef<Board | null>(null);
  if (asked.ready && asked.error === null) {
    good.current = asked;
  }
  const shown = good.current ?? asked;
  const [, changed] = useReducer((version: number) => version + 1, 0);
  useEffect(() => {
    const off = asked.onChange(changed);
    asked.start();
    return () => {
      off();
      asked.dispose();
    };
  }, [asked]);
  useEffect(() => (shown === asked ? undefined : shown.onChange(changed)), [shown, asked]);
  useEvents(event => {
    asked.hear(event);
    if (shown !== asked) {
      shown.hear(event);
    }
  });
  useEffect(() => {
    let before = backend.connection;
    return backend.onConnection(connection => {
      if (connection === 'connected' && before === 'lost') {
        void asked.refresh();
      }
      before = connection;
    });
  }, [backend, asked]);
  return { shown, asked };
}

export interface ISettingsAndChange {
  settings: ISettings;
  set(change: Partial<ISettings>): void;
  columns(change: (state: IColumnState) => IColumnState): void;
}

export function useSettings(query: string): ISettingsAndChange {
  const { project } = useBackend();
  const shelf = typeof localStorage === 'undefined' ? null : localStorage;
  const [settings, change] = useState<ISettings>(() => ({
    query,
    sort: NEWEST,
    group: 'tree',
    columns: remembered(shelf, project ?? '')
  }));
  useEffect(() => remember(shelf, project ?? '', settings.columns), [shelf, project, settings.columns]);
  return {
    settings,
    set: more => change(before => ({ ...before, ...more })),
    columns: made => change(before => ({ ...before, columns: made(before.columns) }))
  };
}
