/** The list of runs on screen: asked for once a question, patched by events. */
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { RunList, type IQuestion } from '../../model/runs/list';
import { useEvents } from '../answers';
import { useBackend } from '../surroundings';

export function useRunList(question: IQuestion): RunList {
  const backend = useBackend();
  const { query, sort, descending, parent } = question;
  const list = useMemo(
    () => new RunList(backend, { query, sort, descending, parent }),
    [backend, query, sort, descending, parent]
  );
  useSyncExternalStore(
    useMemo(() => (changed: () => void) => list.onChange(changed), [list]),
    () => list.version
  );
  useEffect(() => list.want(0, 1), [list]);
  useEvents(event => {
    if (event.type === 'run') {
      list.patch(event.run);
    } else if (event.type === 'removed') {
      list.remove(event.run);
    }
  });
  useEffect(() => backend.onConnection(connection => connection === 'connected' && void list.refresh()), [backend, list]);
  return list;
}
