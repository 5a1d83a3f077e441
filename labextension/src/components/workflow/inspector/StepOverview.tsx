/** How a step stands in the latest run: what it gave, took and said. */
import { Suspense } from 'react';
import { CirclePlay, StepForward } from 'lucide-react';
import type { IRunDetail, IStepLine } from '../../../model/contract';
import { bytes, isFinished, shown } from '../../../model/format';
import type { IStep } from '../../../model/workflow/document';
import { useAnswer } from '../../answers';
import { useHost, useT } from '../../surroundings';
import { Button, fetched, KindGlyph, Loading, Problem } from '../../ui';
import { LogTail } from '../../log/LogTail';
import { Traceback } from '../../log/Traceback';
import { useEditor } from '../context';
import { useStepActions } from './actions';
import { looseProblems } from './problems';

const LiveMetrics = fetched(async () => ({ default: (await import('./LiveMetrics')).LiveMetrics }));

export function StepOverview({ step, toLog }: { step: IStep; toLog(): void }) {
  const t = useT();
  const { live, problems } = useEditor();
  const line = live?.byName.get(step.name) ?? null;
  const loose = looseProblems(problems, step.name);
  return (
    <>
      {loose.map(problem => (
        <Problem key={problem.text} error={problem.text} />
      ))}
      <Verdict step={step.name} />
      {line === null ? <p className="jmo-muted">{t('Not run yet.')}</p> : <LineOverview line={line} toLog={toLog} />}
      <PartButtons step={step.name} />
    </>
  );
}

/** What would happen to it now, and why. */
function Verdict({ step }: { step: string }) {
  const t = useT();
  const { verdicts } = useEditor();
  const found = verdicts.get(step);
  if (!found) {
    return null;
  }
  const words = { cached: t('Would be taken from cache'), 'will run': t('Will run'), skipped: t('Would be skipped') };
  return (
    <p className={`jmo-next jmo-next-${found.verdict.replace(' ', '-')}`}>
      <b>{words[found.verdict]}</b> {found.why}
    </p>
  );
}

function PartButtons({ step }: { step: string }) {
  const t = useT();
  const { live, readonly } = useEditor();
  const actions = useStepActions();
  const going = live !== null && !isFinished(live.run.state);
  return readonly ? null : (
    <div className="jmo-part-buttons">
      <Button icon={StepForward} disabled={going} onClick={() => actions.runFrom(step)}>
        {t('Run from here')}
      </Button>
      <Button icon={CirclePlay} disabled={going} onClick={() => actions.runOnly([step])}>
        {t('Only this step')}
      </Button>
    </div>
  );
}

function LineOverview({ line, toLog }: { line: IStepLine; toLog(): void }) {
  const t = useT();
  const { run } = line;
  const detail = useAnswer('runs.get', run === null ? null : { run }, {
    stale: event => event.type === 'run' && event.run.id === run
  });
  const found = detail.value?.id === run ? detail.value : null;
  const goes = !isFinished(line.state);
  return (
    <>
      {line.items ? <p className="jmo-muted jmo-num">{t('%1 of %2 items', line.items.done, line.items.total)}</p> : null}
      {line.progress !== null && goes ? (
        <progress className="jmo-step-progress" max={1} value={line.progress} aria-label={t('Progress')} />
      ) : null}
      <Failed line={line} detail={found} />
      {run === null ? null : (
        <Suspense key={`metrics ${run}`} fallback={null}>
          <LiveMetrics run={run} live={goes} />
        </Suspense>
      )}
      <Facts title={t('Results')} facts={line.results} />
      <Facts title={t('Parameters')} facts={line.params} />
      <Outputs detail={found} />
      {detail.error && found === null ? <Problem error={detail.error} retry={detail.refresh} /> : null}
      {run !== null && found === null && detail.loading ? <Loading lines={3} /> : null}
      {run === null || found?.error ? null : <LogTail key={`log ${run}`} run={run} live={goes} toAll={toLog} />}
    </>
  );
}

function Failed({ line, detail }: { line: IStepLine; detail: IRunDetail | null }) {
  const t = useT();
  const error = detail?.error ?? null;
  if (error === null && !line.error) {
    return line.reason && line.state !== 'completed' ? <p className="jmo-muted">{line.reason}</p> : null;
  }
  return (
    <section className="jmo-failed" aria-label={t('Error')}>
      <p>
        <b>{error ? error.ename : t('Error')}</b> {error ? error.evalue : line.error}
      </p>
      {error?.traceback.length ? (
        <details open>
          <summary>
            {error.cell === null ? t('Traceback') : t('Traceback, cell %1, line %2', error.cell + 1, error.line ?? '?')}
          </summary>
          <Traceback lines={error.traceback} />
        </details>
      ) : null}
    </section>
  );
}

export function Facts({ title, facts }: { title: string; facts: IStepLine['results'] }) {
  const entries = Object.entries(facts);
  return entries.length === 0 ? null : (
    <>
      <h4 className="jmo-heading">{title}</h4>
      <dl className="jmo-facts">
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt className="jmo-clip">{name}</dt>
            <dd title={shown(value, 400)}>{shown(value, 80)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Outputs({ detail }: { detail: IRunDetail | null }) {
  const t = useT();
  const host = useHost();
  return !detail?.artifacts.length ? null : (
    <>
      <h4 className="jmo-heading">{t('Outputs')}</h4>
      {detail.artifacts.map(artifact => (
        <button key={artifact.uid} type="button" className="jmo-line-button" onClick={() => host.openArtifact(artifact.uid)}>
          <KindGlyph kind={artifact.kind} />
          <span className="jmo-clip">{artifact.key}</span>
          <span className="jmo-spacer" />
          <span className="jmo-muted jmo-num">{bytes(artifact.size)}</span>
        </button>
      ))}
    </>
  );
}
