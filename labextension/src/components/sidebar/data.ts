/** What the tree shows: four lists, and the children of what is expanded; all fresh while things happen. */
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { Event, IArtifactRow } from '../../model/contract';
import { isFinished } from '../../model/format';
import { functionsAfter, workflowsAfter } from '../../model/tree/live';
import { artifactNode, runNode, type IListed, type ITreeData } from '../../model/tree/nodes';
import { RunList } from '../../model/tree/runlist';
import { useAnswer, useEvents } from '../answers';
import { useBackend } from '../surroundings';

export interface ITree extends ITreeData {
  /** Bring the next page of a list of runs: `runs`, or a run's id for its children. */
  more(of: string): void;
  refresh(): void;
}

const changed = (what: string) => (event: Event) => event.type === 'changed' && event.what === what;
const changesDone = (event: Event) =>
  changed('workflows')(event) || (event.type === 'run' && event.run.parent !== null && isFinished(event.run.state));

export function useTree(query: string, isExpanded: (id: string) => boolean): ITree {
  const { top, children, refresh: refreshRuns, more } = useRuns(useSettled(query.trim()), isExpanded); // first, as they are looked for first
  const functions = useLive('functions.list', 'functions', changed('functions'), functionsAfter);
  const workflows = useLive('workflows.list', 'workflows', changesDone, workflowsAfter);
  const artifacts = useAnswer('artifacts.list', {}, { stale: changed('artifacts'), wait: 1000 });
  const groups = artifacts.value?.groups ?? null;
  const versions = useVersions(groups, isExpanded);
  const refresh = useCallback(() => {
    functions.refresh();
    workflows.refresh();
    artifacts.refresh();
    refreshRuns();
  }, [functions, workflows, artifacts, refreshRuns]);
  return {
    functions: { rows: functions.rows, error: functions.error },
    workflows: { rows: workflows.rows, error: workflows.error },
    runs: top,
    artifacts: { rows: groups, error: artifacts.error },
    children,
    versions,
    more,
    refresh
  };
}

/** A text that isn't being typed any more: not each letter is a question to the server. */
function useSettled(text: string): string {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), 150);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/** A list that runs are told to, until it is asked for again. */
function useLive<K extends 'functions.list' | 'workflows.list', T>(
  operation: K,
  field: K extends 'functions.list' ? 'functions' : 'workflows',
  stale: (event: Event) => boolean,
  after: (rows: T[], run: Extract<Event, { type: 'run' }>['run']) => T[]
) {
  const answer = useAnswer(operation, {}, { stale, wait: 500 });
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const known = useRef<{ from: unknown; rows: T[] | null }>({ from: null, rows: null });
  if (known.current.from !== answer.value) {
    known.current = { from: answer.value, rows: (answer.value as Record<string, T[]> | null)?.[field] ?? null };
  }
  useEvents(event => {
    const { rows } = known.current;
    if (event.type === 'run' && rows) {
      known.current.rows = after(rows, event.run);
      draw();
    }
  });
  return { rows: known.current.rows, error: answer.error, refresh: answer.refresh };
}

/** The runs without parent, and the children of those that are expanded. */
function useRuns(query: string, isExpanded: (id: string) => boolean) {
  const backend = useBackend();
  const [drawn, draw] = useReducer((count: number) => count + 1, 0);
  const top = useMemo(() => new RunList(backend, null, query), [backend, query]);
  const lists = useRef(new Map<string, RunList>());
  const previous = useRef<RunList | null>(null);
  useEffect(() => {
    const off = top.onChange(() => {
      previous.current = top;
      draw();
    });
    void top.load();
    return off;
  }, [top]);
  const shown = top.rows || top.error ? top : (previous.current ?? top); // what was found before stays until the next is there
  const expanded = (shown.rows ?? []).filter(run => run.children > 0 && isExpanded(runNode(run.id)));
  useEffect(() => {
    for (const { id } of expanded) {
      if (!lists.current.has(id)) {
        const list = new RunList(backend, id, '', 100);
        lists.current.set(id, list);
        list.onChange(draw);
        void list.load();
      }
    }
  });
  useEvents(event => {
    top.hear(event);
    lists.current.forEach(list => list.hear(event));
  });
  const refresh = useCallback(() => {
    void top.load();
    lists.current.forEach(list => void list.load());
  }, [top]);
  useEffect(() => backend.onConnection(state => state === 'connected' && refresh()), [backend, refresh]);
  const more = useCallback((of: string) => void (of === 'runs' ? top : lists.current.get(of))?.more(), [top]);
  const runs: IListed<(typeof top.rows & object)[number]> = { rows: shown.rows, error: shown.error, total: shown.total };
  // eslint-disable-next-line react-hooks/exhaustive-deps -- `drawn` says when the lists changed
  const children = useMemo(() => new Map(lists.current), [drawn]);
  return { top: runs, children, refresh, more };
}

/** The versions of the artifacts that are expanded; asked again when there are more of them. */
function useVersions(
  groups: { key: string; kind: string; versions: number; latest: IArtifactRow }[] | null,
  isExpanded: (id: string) => boolean
): ReadonlyMap<string, IListed<IArtifactRow>> {
  const backend = useBackend();
  const [drawn, draw] = useReducer((count: number) => count + 1, 0);
  const known = useRef(new Map<string, IListed<IArtifactRow> & { latest: string }>());
  useEffect(() => {
    for (const group of groups ?? []) {
      const id = artifactNode(group);
      const { uid } = group.latest;
      const before = known.current.get(id);
      if (group.versions > 1 && isExpanded(id) && before?.latest !== `${uid}/${group.versions}`) {
        const latest = `${uid}/${group.versions}`;
        known.current.set(id, { rows: before?.rows ?? null, error: null, latest });
        backend
          .call('artifacts.get', { uid })
          .then(
            ({ versions }) => known.current.set(id, { rows: versions, error: null, latest }),
            (error: Error) => known.current.set(id, { rows: before?.rows ?? null, error, latest })
          )
          .then(draw);
      }
    }
  });
  // eslint-disable-next-line react-hooks/exhaustive-deps -- `drawn` says when they came
  return useMemo(() => new Map(known.current), [drawn]);
}
