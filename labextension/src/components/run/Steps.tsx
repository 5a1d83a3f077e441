/** The steps of a workflow's run, or the iterations of a sweep: how each stands and took its time; live. */
import { Trophy } from 'lucide-react';
import type { IRunDetail, IStepLine } from '../../model/contract';
import { duration, isFinished, shown } from '../../model/format';
import { useNow } from '../answers';
import { QuietState } from '../runs/Cell';
import { useHost, useT } from '../surroundings';
import { Reason } from './Reason';

export function Steps({ run }: { run: IRunDetail }) {
  const t = useT();
  const now = useNow(!isFinished(run.state));
  const sweep = run.sweep !== null;
  const params = run.sweep?.params ?? [];
  const results = [...new Set(run.steps.flatMap(step => Object.keys(step.results)))].slice(0, 6);
  const begun = run.steps.flatMap(step => (step.started === null ? [] : [step.started]));
  const first = Math.min(run.started ?? now, ...begun);
  const last = run.ended ?? now;
  return (
    <section aria-label={sweep ? t('Iterations') : t('Steps')}>
      <h3 className="jmo-heading">
        {sweep ? t('Iterations') : t('Steps')} <Tally steps={run.steps} />
      </h3>
      <div
        className="jmo-run-scroll"
        tabIndex={0}
        role="region"
        aria-label={sweep ? t('Table of iterations') : t('Table of steps')}
      >
        <table className="jmo-run-table">
          <thead>
            <tr>
              <th scope="col">{sweep ? t('Iteration') : t('Step')}</th>
              <th scope="col">{t('State')}</th>
              <th scope="col" className="jmo-wide">
                {t('Time')}
              </th>
              {[...params, ...results].map((name, at) => (
                <th key={at} scope="col" className="jmo-right">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {run.steps.map(step => (
              <Step key={step.name} {...{ step, sweep, params, results, first, last, now }} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Tally({ steps }: { steps: IStepLine[] }) {
  const t = useT();
  const done = steps.filter(step => isFinished(step.state)).length;
  return <span className="jmo-muted jmo-num">{t('%1 of %2', done, steps.length)}</span>;
}

interface IStepProps {
  step: IStepLine;
  sweep: boolean;
  params: string[];
  results: string[];
  first: number;
  last: number;
  now: number;
}

function Step({ step, sweep, params, results, first, last, now }: IStepProps) {
  const t = useT();
  const host = useHost();
  const { run } = step;
  const name = sweep ? `#${step.name}` : step.name;
  const span = Math.max(last - first, 0.001);
  const end = step.ended ?? (isFinished(step.state) ? step.started : now);
  const going = step.started !== null && !isFinished(step.state);
  const seconds = going && step.started !== null ? now - step.started : step.seconds;
  return (
    <>
      <tr>
        <th scope="row">
          {run === null ? (
            <span className="jmo-muted">{name}</span>
          ) : (
            <button type="button" className="jmo-link" onClick={() => host.openRun(run)}>
              {name}
            </button>
          )}
          {step.items ? <span className="jmo-tag jmo-num">{`${step.items.done}/${step.items.total}`}</span> : null}
          {step.best ? <Trophy size={12} role="img" aria-label={t('Best of its sweep')} className="jmo-runs-trophy" /> : null}
        </th>
        <td>
          <QuietState row={step} />
        </td>
        <td className="jmo-wide">
          <span className="jmo-run-span">
            <i className={`jmo-state-${step.state}`} aria-hidden>
              {step.started === null || end === null ? null : (
                <b
                  style={{
                    left: `${(100 * (step.started - first)) / span}%`,
                    width: `${(100 * Math.max(end - step.started, 0)) / span}%`
                  }}
                />
              )}
            </i>
            <span className="jmo-num">{duration(seconds)}</span>
          </span>
        </td>
        {params.map(key => (
          <td key={key} className="jmo-right jmo-mono">
            {shown(step.params[key])}
          </td>
        ))}
        {results.map(key => (
          <td key={key} className="jmo-right jmo-mono">
            {step.results[key] === undefined ? <span className="jmo-faint">–</span> : shown(step.results[key], 60)}
          </td>
        ))}
      </tr>
      {step.error || (step.reason && step.state !== 'completed') ? (
        <tr className={`jmo-run-why ${step.error ? 'jmo-err' : ''}`}>
          <td colSpan={3 + params.length + results.length}>{step.error ?? <Reason text={step.reason} />}</td>
        </tr>
      ) : null}
    </>
  );
}
