/** The project at a glance: switch it, search it, open and run what is in it. */
import { useCallback, useDeferredValue, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { Refusal } from '../../model/backend';
import type { ISidebarPlace } from '../../model/sidebar';
import { opensByItself } from '../../model/tree/nodes';
import { RunForm } from '../forms/RunForm';
import { useBackend, useHost, useT } from '../surroundings';
import { Loading, Problem, SearchField } from '../ui';
import type { IWorkbench } from './workbench';
import { useTree, type ITree } from './data';
import { FirstSteps, Missing, NoProject, Unreadable } from './FirstSteps';
import { Switcher } from './Switcher';
import { Tree } from './Tree';

const CLOSED = 'expanded';

export function Sidebar({ place }: { place: ISidebarPlace }) {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => place.onChange(draw), [place]);
  const before = useRef<string | null>(null);
  const changed = before.current !== null && before.current !== place.chosen;
  useEffect(() => {
    before.current = place.chosen;
  });
  if (place.missing) {
    return <Missing place={place} />;
  }
  if (place.projects === null) {
    return place.problem ? <Problem error={place.problem} retry={() => place.refresh()} /> : <Loading lines={9} />;
  }
  if (place.chosen === null) {
    return <NoProject place={place} />;
  }
  return <Project key={place.chosen} place={place} changed={changed} />;
}

/** `changed`: whether another project was shown before. */
function Project({ place, changed }: { place: ISidebarPlace; changed: boolean }) {
  const t = useT();
  const host = useHost();
  const backend = useBackend();
  const bench = useMemo<IWorkbench>(() => ({ backend, host, place }), [backend, host, place]);
  const [text, setText] = useState('');
  const query = useDeferredValue(text);
  const { isExpanded, expand } = useExpanded(place);
  const tree = useTree(query, isExpanded);
  const isEmpty =
    tree.functions.rows?.length === 0 && tree.workflows.rows?.length === 0 && tree.runs.rows?.length === 0 && query.trim() === '';
  const refusal = refusalOf(tree);
  const { form } = place;
  const page = useRef<HTMLDivElement>(null);
  const hadForm = useRef(false);
  useEffect(() => {
    // the button that had the focus went with the other project
    if (changed && document.activeElement === document.body) {
      page.current?.querySelector<HTMLElement>('.jmo-switcher')?.focus();
    }
    // only once
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  useEffect(() => {
    if (hadForm.current && form === null) {
      page.current?.querySelector<HTMLElement>('.jmo-tree')?.focus();
    }
    hadForm.current = form !== null;
  }, [form]);
  const refresh = () => {
    place.refresh();
    tree.refresh();
  };
  return (
    <div className="jmo-side">
      <div ref={page} className="jmo-side-page" hidden={form !== null}>
        <Switcher place={place} refresh={refresh} />
        {refusal ? (
          <Unreadable bench={bench} error={refusal} retry={refresh} />
        ) : isEmpty ? (
          <FirstSteps bench={bench} />
        ) : (
          <>
            <SearchField value={text} onChange={setText} label={t('Search')} className="jmo-side-search" />
            <Tree tree={tree} query={query} bench={bench} isExpanded={isExpanded} expand={expand} />
          </>
        )}
      </div>
      {form ? (
        <div className="jmo-side-page jmo-side-form">
          <RunForm key={JSON.stringify(form)} target={form.target} given={form.given} onDone={run => place.closeForm(run)} />
        </div>
      ) : null}
    </div>
  );
}

/** What all four lists were refused for: then it's the project itself. */
function refusalOf({ functions, workflows, runs, artifacts }: ITree): Refusal | null {
  const { error } = runs;
  const same = [functions, workflows, artifacts].every(list => list.error?.message === error?.message);
  return same && error instanceof Refusal ? error : null;
}

/** What was opened or closed by hand; kept for the workspace, but for runs and artifacts, which come and go. */
function useExpanded(place: ISidebarPlace) {
  const [changed, setChanged] = useState<Record<string, boolean>>(() => kept(place.recall(CLOSED)));
  const isExpanded = useCallback((id: string) => changed[id] ?? opensByItself(id), [changed]);
  const expand = useCallback(
    (id: string, expanded: boolean) =>
      setChanged(before => {
        const after = { ...before, [id]: expanded };
        place.keep(CLOSED, Object.fromEntries(Object.entries(after).filter(([each]) => opensByItself(each))));
        return after;
      }),
    [place]
  );
  return { isExpanded, expand };
}

function kept(found: unknown): Record<string, boolean> {
  const entries = typeof found === 'object' && found !== null ? Object.entries(found) : [];
  return Object.fromEntries(entries.filter(([, value]) => typeof value === 'boolean'));
}
