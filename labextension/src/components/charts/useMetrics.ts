import { useEffect, useMemo, useRef, useState } from 'react';
import type { Event, ISeries } from '../../model/contract';
import { isFinished } from '../../model/format';
import { latest, seriesId, withLive } from '../../model/charts/series';
import { useAnswer } from '../answers';
import { useBackend } from '../surroundings';

export interface IMetrics {
  /** In the order of `runs`, then by key. */
  series: ISeries[];
  loading: boolean;
  error: Error | null;
  refresh(): void;
}

/** How often live points are shown, in milliseconds. */
const PACE = 150;

/**
 * The metrics of some runs, with what comes in while they go on. `keys` left out means all.
 *
 * The server thins each series to about `points`; live ones are added, and thinned again when they become many.
 */
export function useMetrics(
  runs: readonly string[],
  keys?: readonly string[],
  { points = 600 }: { points?: number } = {}
): IMetrics {
  const backend = useBackend();
  const ids = runs.join('\n');
  const wanted = keys?.join('\n');
  const args = useMemo(
    () =>
      ids === '' || wanted === ''
        ? null
        : { runs: ids.split('\n'), points, ...(wanted === undefined ? {} : { keys: wanted.split('\n') }) },
    [ids, wanted, points]
  );
  const ended = (event: Event) => event.type === 'run' && isFinished(event.run.state) && runs.includes(event.run.id);
  const { value, loading, error, refresh } = useAnswer('runs.metrics', args, { stale: ended, wait: 600 });

  const live = useRef(new Map<string, ISeries>());
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const followed = ids === '' ? [] : ids.split('\n');
    const ends = followed.map(run => backend.follow(run));
    let timer: ReturnType<typeof setTimeout> | null = null;
    const off = backend.watch(event => {
      if (
        event.type !== 'metric' ||
        !followed.includes(event.run) ||
        (wanted !== undefined && !wanted.split('\n').includes(event.key))
      ) {
        return;
      }
      const id = seriesId(event);
      live.current.set(id, withLive(live.current.get(id), event, points));
      timer ??= setTimeout(() => {
        timer = null;
        setTurn(before => before + 1);
      }, PACE);
    });
    return () => {
      off();
      ends.forEach(end => end());
      if (timer !== null) {
        clearTimeout(timer);
      }
    };
  }, [backend, ids, wanted, points]);

  const series = useMemo(() => {
    const order = new Map((args?.runs ?? []).map((run, index) => [run, index]));
    const mine = [...live.current].filter(([, one]) => order.has(one.run));
    live.current = latest(value?.series ?? [], new Map(mine));
    return [...live.current.values()]
      .filter(one => order.has(one.run) && (args?.keys?.includes(one.key) ?? true))
      .sort((a, b) => (order.get(a.run) ?? 0) - (order.get(b.run) ?? 0) || a.key.localeCompare(b.key));
    // `turn` says that live points came in
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [value, args, turn]);
  return { series, loading: loading && series.length === 0, error, refresh };
}
