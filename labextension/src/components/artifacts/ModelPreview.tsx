/** A model: what it is and takes, how good it was when it was made, and who uses it. */
import { modelFacts } from '../../model/artifacts/facts';
import type { IArtifactDetail, IRunDetail, Json } from '../../model/contract';
import { number, shown } from '../../model/format';
import { useAnswer } from '../answers';
import { useHost, useT } from '../surroundings';
import { Facts } from './Details';
import { UsedBy } from './UsedBy';

export function ModelPreview({ artifact }: { artifact: IArtifactDetail }) {
  const t = useT();
  const model = modelFacts(artifact.meta);
  const { value: run } = useAnswer('runs.get', artifact.run === null ? null : { run: artifact.run });
  const versions = model.versions.map(([name, version]): [string, string] => [name, version]);
  return (
    <div className="jmo-artifact-page">
      {run ? <Figures run={run} /> : null}
      <div className="jmo-model-columns">
        <section>
          <h3 className="jmo-heading">{t('Model')}</h3>
          <Facts
            facts={[
              [t('Class'), model.class ?? artifact.type],
              ...(model.framework ? [[t('Framework'), model.framework] as [string, string]] : []),
              ...versions
            ]}
          />
          <h3 className="jmo-heading">{t('Signature')}</h3>
          {model.signature.length > 0 ? <Facts facts={model.signature.map(([key, value]) => [key, shown(value)])} /> : null}
          <Features names={model.features} />
          {model.signature.length + model.features.length === 0 ? <p className="jmo-muted">{t('Not known.')}</p> : null}
          <UsedBy artifact={artifact} />
        </section>
        <section>
          {run && Object.keys(run.params).length > 0 ? (
            <Values title={t('Params of the run')} values={Object.entries(run.params)} />
          ) : null}
          <Values title={t('Settings of the model')} values={model.params} />
        </section>
      </div>
    </div>
  );
}

function Values({ title, values }: { title: string; values: [string, Json][] }) {
  const t = useT();
  return (
    <>
      <h3 className="jmo-heading">{title}</h3>
      {values.length === 0 ? (
        <p className="jmo-muted">{t('Not known.')}</p>
      ) : (
        <Facts facts={values.map(([key, value]) => [key, shown(value)])} />
      )}
    </>
  );
}

function Features({ names }: { names: string[] }) {
  const t = useT();
  return names.length === 0 ? null : (
    <details className="jmo-features">
      <summary>{t('%1 features', names.length)}</summary>
      <ol>
        {names.map((name, at) => (
          <li key={at} className="jmo-mono">
            {name}
          </li>
        ))}
      </ol>
    </details>
  );
}

/** Results and last metrics of the run that made it. */
function Figures({ run }: { run: IRunDetail }) {
  const t = useT();
  const host = useHost();
  const metrics = run.metrics.filter(metric => metric.last !== null && !(metric.key in run.results));
  return metrics.length + Object.keys(run.results).length === 0 ? null : (
    <section>
      <h3 className="jmo-heading">
        {t('Results of')}
        <button type="button" className="jmo-link" onClick={() => host.openRun(run.id)}>
          {run.name}
        </button>
      </h3>
      <div className="jmo-figures">
        {Object.entries(run.results).map(([key, result]) => (
          <Figure key={key} name={key} value={shown(result, 80)} isText={typeof result !== 'number'} />
        ))}
        {metrics.map(metric => (
          <Figure key={metric.key} name={metric.key} value={number(metric.last ?? 0)} />
        ))}
      </div>
    </section>
  );
}

const Figure = ({ name, value, isText = false }: { name: string; value: string; isText?: boolean }) => (
  <div className="jmo-figure" title={name}>
    <span className="jmo-muted jmo-clip">{name}</span>
    <strong className={isText ? 'jmo-run-text' : 'jmo-num'}>{value}</strong>
  </div>
);
