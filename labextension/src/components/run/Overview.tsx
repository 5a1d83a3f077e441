/** What matters first: why it failed, what came of it, what it was asked, and the runs that it led. */
import { CircleAlert } from 'lucide-react';
import type { IRunDetail, Json } from '../../model/contract';
import { bytes, isFinished, shown } from '../../model/format';
import { Traceback } from '../log/Traceback';
import { useHost, useT } from '../surroundings';
import { KindIcon } from '../ui';
import { Reason } from './Reason';
import { Steps } from './Steps';

/** A message of more characters scrolls. */
const LONG = 600;

export function Overview({ run }: { run: IRunDetail }) {
  const t = useT();
  const results = Object.entries(run.results);
  return (
    <>
      {run.error ? <Failure run={run} /> : null}
      {run.error === null && run.reason !== '' && run.state !== 'completed' ? (
        <p className="jmo-run-reason">
          {t('Why:')} <Reason text={run.reason} />
        </p>
      ) : null}
      {run.progress && !isFinished(run.state) ? <Progress progress={run.progress} /> : null}
      {results.length === 0 ? null : (
        <dl className="jmo-run-results" aria-label={t('Results')}>
          {results.map(([name, value]) => (
            <div key={name}>
              <dt className="jmo-clip" title={name}>
                {name}
              </dt>
              <dd className={typeof value === 'number' ? 'jmo-num' : 'jmo-run-text'} title={String(value)}>
                {shown(value, 80)}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {run.steps.length > 0 ? <Steps run={run} /> : null}
      <div className="jmo-run-columns">
        <Params values={run.params} />
        <Inputs run={run} />
        <Outputs run={run} />
      </div>
      {results.length === 0 && run.steps.length === 0 && Object.keys(run.params).length === 0 && !run.error ? (
        <p className="jmo-muted">
          {isFinished(run.state) ? t('It took no params and gave no results.') : t('Results appear here.')}
        </p>
      ) : null}
    </>
  );
}

function Failure({ run }: { run: IRunDetail }) {
  const t = useT();
  const { error } = run;
  if (error === null) {
    return null;
  }
  const where = [
    error.cell === null ? null : t('cell %1', error.cell + 1),
    error.line === null ? null : t('line %1', error.line)
  ].filter(part => part !== null);
  return (
    <section className="jmo-run-failure" aria-label={t('Why it failed')}>
      <header>
        <CircleAlert size={15} aria-hidden />
        <strong>{error.ename}</strong>
        <span className="jmo-run-evalue" tabIndex={error.evalue.length > LONG ? 0 : undefined}>
          {error.evalue}
        </span>
        {where.length > 0 ? <span className="jmo-tag">{where.join(', ')}</span> : null}
      </header>
      {error.traceback.length > 0 ? <Traceback lines={error.traceback} /> : null}
    </section>
  );
}

function Progress({ progress }: { progress: NonNullable<IRunDetail['progress']> }) {
  const t = useT();
  return (
    <div className="jmo-run-progress">
      <progress max={1} value={progress.value ?? undefined} aria-label={t('Progress')} />
      <span className="jmo-muted jmo-num">{progress.text}</span>
    </div>
  );
}

function Params({ values }: { values: Record<string, Json> }) {
  const t = useT();
  const names = Object.keys(values);
  return names.length === 0 ? null : (
    <section>
      <h3 className="jmo-heading">{t('Params')}</h3>
      <dl className="jmo-facts">
        {names.map(name => (
          <div key={name}>
            <dt>{name}</dt>
            <dd title={String(values[name])}>{shown(values[name])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Inputs({ run }: { run: IRunDetail }) {
  const t = useT();
  const host = useHost();
  return run.inputs.length === 0 ? null : (
    <section>
      <h3 className="jmo-heading">{t('Inputs')}</h3>
      <ul className="jmo-run-links">
        {run.inputs.map(({ name, uri, artifact, kind, key }) => (
          <li key={name}>
            <KindIcon kind={kind ?? 'source'} small />
            <span>{name}</span>
            {artifact === null ? (
              <span className="jmo-muted jmo-mono jmo-clip" title={uri}>
                {uri}
              </span>
            ) : (
              <button type="button" className="jmo-link jmo-clip" title={uri} onClick={() => host.openArtifact(artifact)}>
                {key ?? uri}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Outputs({ run }: { run: IRunDetail }) {
  const t = useT();
  const host = useHost();
  return run.artifacts.length === 0 ? null : (
    <section>
      <h3 className="jmo-heading">{t('Outputs')}</h3>
      <ul className="jmo-run-links">
        {run.artifacts.map(made => (
          <li key={made.uid}>
            <KindIcon kind={made.kind} small />
            <button type="button" className="jmo-link jmo-clip" title={made.uri} onClick={() => host.openArtifact(made.uid)}>
              {made.key}
            </button>
            <span className="jmo-spacer" />
            <span className="jmo-muted jmo-num">{bytes(made.size)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
