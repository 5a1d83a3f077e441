import { CircleAlert, History, RefreshCw, WifiOff } from 'lucide-react';
import { useEffect, useReducer, type ReactNode } from 'react';
import { Refusal, Unreachable } from '../../model/backend';
import { useBackend, useT } from '../surroundings';
import { Button } from './controls';

/** Nothing is there (yet): say why, and offer what to do. */
export function Empty({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="jmo-empty">
      <h3>{title}</h3>
      {children ? <p>{children}</p> : null}
      {actions}
    </div>
  );
}

/** Something went wrong; the text says what to do. */
export function Problem({ error, retry }: { error: Error | string; retry?(): void }) {
  const t = useT();
  if (error instanceof Refusal && error.refusal.kind === 'Snapshot') {
    return (
      <div className="jmo-notice" role="note">
        <History size={13} aria-hidden />
        <span>{error.message}</span>
      </div>
    );
  }
  return (
    <div className="jmo-problem" role="alert">
      <CircleAlert size={14} aria-hidden />
      <span>{typeof error === 'string' ? error : error.message}</span>
      {retry && (typeof error === 'string' || error instanceof Unreachable) ? (
        <Button icon={RefreshCw} onClick={retry}>
          {t('Try again')}
        </Button>
      ) : null}
    </div>
  );
}

/** Grey lines while the first answer is on its way. */
export function Loading({ lines = 5 }: { lines?: number }) {
  const t = useT();
  return (
    <div className="jmo-loading" role="status" aria-label={t('Loading')}>
      {Array.from({ length: lines }, (_, line) => (
        <i key={line} style={{ width: `${90 - ((line * 37) % 50)}%` }} />
      ))}
    </div>
  );
}

/** A strip that says when nothing new comes in. It goes away by itself. */
export function ConnectionNotice() {
  const backend = useBackend();
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => backend.onConnection(draw), [backend]); // also when only the reason changes
  const { connection, outage } = backend;
  const t = useT();
  return connection === 'lost' ? (
    <div className="jmo-notice" role="status">
      <WifiOff size={13} aria-hidden />
      {outage ?? t('No connection: what you see may be old. Trying again…')}
    </div>
  ) : null;
}
