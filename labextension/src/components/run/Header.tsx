/** Which run it is, how it stands, and what can be done with it. */
import { CircleStop, RotateCcw } from 'lucide-react';
import type { IRunDetail } from '../../model/contract';
import { ago, date, duration, isFinished } from '../../model/format';
import { useNow } from '../answers';
import { useBackend, useHost, useT } from '../surroundings';
import { Button, StatePill } from '../ui';

export function Header({ run }: { run: IRunDetail }) {
  const t = useT();
  const host = useHost();
  const backend = useBackend();
  const going = !isFinished(run.state);
  const now = useNow(going);
  const seconds = going && run.started !== null ? now - run.started : run.duration;
  const attempt = (work: Promise<unknown>): void => void work.catch((error: Error) => host.notify(error.message, 'error'));
  return (
    <header className="jmo-bar jmo-run-header">
      <h2 className="jmo-title jmo-clip">{run.name}</h2>
      <StatePill state={run.state} />
      <span className="jmo-muted" title={date(run.created)}>
        {ago(run.started ?? run.created)}
      </span>
      <span className="jmo-muted jmo-num">{duration(seconds)}</span>
      <span className="jmo-spacer" />
      {going ? (
        <Button icon={CircleStop} look="danger" onClick={() => attempt(backend.call('runs.abort', { run: run.id }))}>
          {t('Abort')}
        </Button>
      ) : (
        <Button
          icon={RotateCcw}
          onClick={() => attempt(backend.call('runs.rerun', { run: run.id }).then(made => host.openRun(made.run)))}
        >
          {t('Re-run')}
        </Button>
      )}
    </header>
  );
}
