/** The latest run of a workflow, while it happens. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { isFinished } from '../../model/format';
import { happened, type ILiveRun, liveOf } from '../../model/workflow/live';
import { useConnection, useEvents } from '../answers';
import { useBackend } from '../surroundings';

export function useLive(workflow: string): ILiveRun | null {
  const backend = useBackend();
  const connection = useConnection();
  const [live, setLive] = useState<ILiveRun | null>(null);
  const shown = useRef<ILiveRun | null>(null);
  const turn = useRef(0);

  const become = useCallback((next: ILiveRun | null) => {
    shown.current = next;
    setLive(next);
  }, []);

  /** Read a run in full, or without `run` find the latest. */
  const fetch = useCallback(
    async (run: string | null) => {
      const mine = ++turn.current;
      try {
        const id = run ?? (await backend.call('runs.list', { target: workflow, parent: null, limit: 1 })).rows[0]?.id;
        const detail = id === undefined ? null : await backend.call('runs.get', { run: id });
        if (mine === turn.current) {
          become(detail && liveOf(detail));
        }
      } catch {
        // what was seen last stays; the next event or connection asks again
      }
    },
    [backend, become, workflow]
  );

  useEffect(() => {
    if (connection !== 'lost') {
      void fetch(null);
    }
    return () => {
      turn.current += 1;
    };
  }, [fetch, connection]);

  useEvents(event => {
    const before = shown.current;
    const after = happened(before, event, workflow);
    if (after === before) {
      return;
    }
    become(after);
    if (after === null) {
      void fetch(null);
    } else if (after.run.id !== before?.run.id || (isFinished(after.run.state) && !isFinished(before.run.state))) {
      void fetch(after.run.id); // its steps; at its end, whether it can be resumed
    }
  });
  return live;
}
