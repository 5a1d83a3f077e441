import { useCallback, useEffect, useRef, useState } from 'react';
import type { Event } from '../../model/contract';
import { useEvents } from '../answers';
import { useBackend } from '../surroundings';
import { append, begin, prepend, type ILogText } from './text';

/** How many bytes are asked for at once. */
const PIECE = 128 * 1024;

export interface ILog {
  log: ILogText | null;
  error: Error | null;
  /** Whether an earlier part is on its way. */
  reaching: boolean;
  earlier(): void;
  retry(): void;
}

/** The end of a run's log, which grows while the run lives; earlier parts come when asked for. */
export function useLog(run: string, live: boolean): ILog {
  const backend = useBackend();
  const [log, setLog] = useState<ILogText | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [reaching, setReaching] = useState(false);
  const turn = useRef(0);
  const early = useRef<Extract<Event, { type: 'log' }>[]>([]);

  const load = useCallback(() => {
    const mine = ++turn.current;
    early.current = [];
    backend.call('runs.log', { run, tail: PIECE }).then(
      ({ text, offset, end }) => {
        if (mine === turn.current) {
          // what came while we asked
          setLog(early.current.reduce((known, event) => append(known, event.text, event.offset), begin(text, offset, end)));
          setError(null);
        }
      },
      (refused: Error) => mine === turn.current && setError(refused)
    );
  }, [backend, run]);

  // when it ends, once more: a line that was written over is only true in the file
  useEffect(() => {
    load();
    return () => {
      turn.current += 1;
    };
  }, [load, live]);
  useEffect(() => setLog(null), [run]);
  useEffect(() => backend.onConnection(connection => connection === 'connected' && load()), [backend, load]);

  useEvents(
    event => {
      if (event.type === 'log' && event.run === run) {
        early.current.push(event);
        setLog(known => known && append(known, event.text, event.offset));
      }
    },
    live ? run : null
  );

  const earlier = useCallback(() => {
    if (log === null || log.start === 0 || reaching) {
      return;
    }
    const mine = turn.current;
    const offset = Math.max(0, log.start - PIECE);
    setReaching(true);
    backend
      .call('runs.log', { run, offset })
      .then(
        answer => mine === turn.current && setLog(known => known && prepend(known, answer.text, answer.offset)),
        (refused: Error) => mine === turn.current && setError(refused)
      )
      .finally(() => setReaching(false));
  }, [backend, log, reaching, run]);

  return { log, error, reaching, earlier, retry: load };
}
