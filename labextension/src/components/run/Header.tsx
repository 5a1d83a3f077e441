/** Which run it is, how it stands, and what can be done with it. */
import { CircleStop, Copy, Ellipsis, NotebookText, Pencil, RotateCcw, StepForward, Trash2, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import type { IRunDetail } from '../../model/contract';
import { ago, date, duration, isFinished, shortId } from '../../model/format';
import { useNow } from '../answers';
import { useRunActions } from '../runs/useRunActions';
import { useHost, useT } from '../surroundings';
import { Button, IconButton, KindIcon, StatePill, WithMenu, type IMenuItem } from '../ui';
import { Tags } from './Tags';

export function Header({ run }: { run: IRunDetail }) {
  const t = useT();
  const host = useHost();
  const { openFile } = host;
  const actions = useRunActions();
  const going = !isFinished(run.state);
  const { notebook } = run;
  const own = run.function === null && run.workflow === null; // interactive work, which only its author can do again
  const copy: IMenuItem = { label: t('Copy id'), icon: Copy, run: () => actions.copy(run.id, t('Id copied')) };
  const changes: (IMenuItem | 'line')[] = [
    { label: t('Re-run with changes…'), icon: Pencil, disabled: own, run: () => actions.change(run) },
    copy,
    'line',
    { label: t('Delete…'), icon: Trash2, disabled: going, run: () => void actions.remove([run]) }
  ];
  return (
    <header className="jmo-run-head">
      <div className="jmo-run-title">
        <KindIcon kind={run.function !== null ? 'function' : own ? 'run' : 'workflow'} />
        <h2 className="jmo-clip" title={run.name}>
          {run.name}
          {run.iteration === null ? null : <span className="jmo-muted"> #{run.iteration}</span>}
        </h2>
        <StatePill state={run.state} />
        <Took run={run} />
        <span className="jmo-spacer" />
        {notebook !== null && openFile !== null ? (
          <Button icon={NotebookText} onClick={() => openFile(notebook, { readonly: true })}>
            {t('Notebook')}
          </Button>
        ) : null}
        {run.resumable && !actions.readonly ? (
          <Act icon={StepForward} look="primary" label={t('Resume')} act={() => actions.resume(run)} />
        ) : null}
        {actions.readonly ? null : going ? (
          <Act
            icon={CircleStop}
            look="danger"
            label={t('Abort')}
            disabled={run.state === 'aborting'}
            act={() => actions.abort([run])}
          />
        ) : own ? null : (
          <Act icon={RotateCcw} label={t('Re-run')} act={() => actions.rerun(run)} />
        )}
        <WithMenu items={actions.readonly ? [copy] : changes} label={t('More')}>
          {button => <IconButton icon={Ellipsis} label={t('More')} {...button} />}
        </WithMenu>
      </div>
      <div className="jmo-run-facts jmo-muted">
        <Facts run={run} />
        <Tags run={run} />
      </div>
    </header>
  );
}

interface IActProps {
  icon: LucideIcon;
  label: string;
  look?: 'primary' | 'danger';
  disabled?: boolean;
  act(): Promise<unknown>;
}

/** A button that waits for what it does: the server may take seconds, and a second click would do it twice. */
function Act({ icon, label, look, disabled = false, act }: IActProps) {
  const [busy, setBusy] = useState(false);
  const click = () => {
    setBusy(true);
    void act().finally(() => setBusy(false));
  };
  return (
    <Button icon={icon} look={look} disabled={disabled || busy} aria-busy={busy} onClick={click}>
      {label}
    </Button>
  );
}

/** How long it took, or takes so far. */
function Took({ run }: { run: IRunDetail }) {
  const going = !isFinished(run.state) && run.started !== null;
  const now = useNow(going);
  const seconds = going && run.started !== null ? Math.max(0, now - run.started) : run.duration;
  return <span className="jmo-muted jmo-num">{duration(seconds)}</span>;
}

function Facts({ run }: { run: IRunDetail }) {
  const t = useT();
  const host = useHost();
  const actions = useRunActions();
  const { parent, workflow } = run;
  const now = useNow(true, 10_000);
  return (
    <>
      <span>
        <span className="jmo-mono" title={run.id}>
          {shortId(run.id)}
        </span>
        <IconButton icon={Copy} label={t('Copy the id %1', run.id)} onClick={() => actions.copy(run.id, t('Id copied'))} />
      </span>
      <span title={date(run.started ?? run.created)}>
        {run.started === null ? t('created %1', ago(run.created, now)) : t('started %1', ago(run.started, now))}
      </span>
      {run.function === null ? null : (
        <span title={run.version ?? undefined}>
          {t('Function %1', run.function)} <span className="jmo-mono">{run.version?.slice(0, 8)}</span>
        </span>
      )}
      {workflow === null ? null : (
        <button type="button" className="jmo-link" onClick={() => host.openWorkflow(workflow)}>
          {run.step === null ? t('Workflow %1', workflow) : t('Step %1 of %2', run.step, workflow)}
        </button>
      )}
      {parent === null ? null : (
        <button type="button" className="jmo-link" onClick={() => host.openRun(parent)}>
          {t('Part of %1', shortId(parent))}
        </button>
      )}
      {run.attempt > 1 ? <span>{t('attempt %1', run.attempt)}</span> : null}
      <span>{t('by %1, %2', run.user, run.origin)}</span>
    </>
  );
}
