import { useCallback, useEffect, useRef, useState } from 'react';
import type { Event } from '../../model/contract';
import { useEvents } from '../answers';
import { useBackend } from '../surroundings';
import { again, append, begin, isOpen, prepend, type ILogText } from './text';

/** How many bytes are asked for at once. */
const PIECE = 128 * 1024;
/** And of what is before: as much as comes in one answer. */
const EARLIER = 500_000;

/** Milliseconds after which a line that isn't ended is read anew: a progress bar writes over it, and nothing tells of that. */
const ANEW = 500;

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
        // of a line that is written over only a piece would come: it is read as a whole
        setLog(known => known && (isBar(known, event.text) ? known : append(known, event.text, event.offset)));
      }
    },
    live ? run : null
  );
  useReadAnew(run, live ? log : null, setLog);

  const earlier = useCallback(() => {
    if (log === null || log.start === 0 || reaching) {
      return;
    }
    const mine = turn.current;
    const offset = Math.max(0, log.start - EARLIER);
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

/** Whether this may be the rest of a line that was written over. */
const isBar = (log: ILogText, text: string): boolean => isOpen(log) && !text.includes('\n');

/** Read the last line anew as long as it isn't ended. */
function useReadAnew(run: string, log: ILogText | null, setLog: (change: (known: ILogText | null) => ILogText | null) => void) {
  const backend = useBackend();
  const open = log !== null && isOpen(log);
  const at = useRef(0);
  at.current = log?.last ?? 0;
  useEffect(() => {
    if (!open) {
      return;
    }
    let asked = false;
    const timer = setInterval(() => {
      const offset = at.current;
      if (asked || document.hidden || backend.connection !== 'connected') {
        return;
      }
      asked = true;
      backend
        .call('runs.log', { run, offset })
        .then(
          ({ text, end }) => setLog(known => known && again(known, text, offset, end)),
          () => {} // the next time, or the connection says so
        )
        .finally(() => (asked = false));
    }, ANEW);
    return () => clearInterval(timer);
  }, [backend, run, open, setLog]);
}
