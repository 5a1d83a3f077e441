import { useEffect, useMemo, useState } from 'react';
import type { Event, IRunDetail } from '../../model/contract';
import { isStale, patchDetail } from '../../model/runs/detail';
import { useAnswer, useEvents } from '../answers';

export interface IRunNow {
  run: IRunDetail | null;
  error: Error | null;
  /** Whether it was deleted while one looked. */
  gone: boolean;
  refresh(): void;
}

/** A run as it is now: events change it at once; what they don't tell is asked again. */
export function useRun(id: string): IRunNow {
  const { value, error, refresh } = useAnswer('runs.get', { run: id }, { stale: event => isStale(id, event), wait: 400 });
  const [since, setSince] = useState<Event[]>([]);
  const [gone, setGone] = useState(false);
  useEffect(() => setSince([]), [value]);
  useEffect(() => setGone(false), [id]);
  useEvents(event => {
    if (event.type === 'removed' && event.run === id) {
      setGone(true);
    } else if (event.type === 'run' || event.type === 'step' || event.type === 'cell') {
      const about = event.type === 'run' ? event.run.id : event.run;
      if (about === id) {
        setSince(before => [...before, event]);
      }
    }
  }, id);
  const run = useMemo(() => (value?.id === id ? since.reduce(patchDetail, value) : null), [value, since, id]);
  return { run, error, gone, refresh };
}
