/** A model: what it is and takes, how good it was when it was made, and who uses it. */
import { modelFacts } from '../../model/artifacts/facts';
import type { IArtifactDetail, Json } from '../../model/contract';
import { number, shown } from '../../model/format';
import { useAnswer } from '../answers';
import { useHost, useT } from '../surroundings';
import { Facts } from './Details';
import { UsedBy } from './UsedBy';

export function ModelPreview({ artifact }: { artifact: IArtifactDetail }) {
  const t = useT();
  const model = modelFacts(artifact.meta);
  return (
    <div className="jmo-artifact-page jmo-model">
      {artifact.run === null ? null : <ItsRun run={artifact.run} />}
      <div className="jmo-model-columns">
        <section>
          <h3 className="jmo-heading">{t('Model')}</h3>
          <Facts
            facts={[
              [t('Class'), model.class ?? artifact.type],
              ...(model.framework ? [[t('Framework'), model.framework] as [string, string]] : []),
              ...model.versions
            ]}
          />
          <h3 className="jmo-heading">{t('Signature')}</h3>
          {model.signature.length > 0 ? <Facts facts={model.signature.map(([key, value]) => [key, shown(value)])} /> : null}
          <Features names={model.features} />
          {model.signature.length + model.features.length === 0 ? <p className="jmo-muted">{t('Not known.')}</p> : null}
          <UsedBy artifact={artifact} />
        </section>
        <Params params={model.params} />
      </div>
    </div>
  );
}

function Params({ params }: { params: [string, Json][] }) {
  const t = useT();
  return (
    <section>
      <h3 className="jmo-heading">
        {t('Settings of the model')} <span className="jmo-num">{params.length}</span>
      </h3>
      {params.length === 0 ? (
        <p className="jmo-muted">{t('Not known.')}</p>
      ) : (
        <Facts facts={params.map(([key, value]) => [key, shown(value)])} />
      )}
    </section>
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

/** Results, last metrics and params of the run that made it. */
function ItsRun({ run }: { run: string }) {
  const t = useT();
  const host = useHost();
  const { value } = useAnswer('runs.get', { run });
  if (value === null) {
    return null; // deleted, or still coming: the model says enough without it
  }
  const results = Object.entries(value.results);
  const metrics = value.metrics.filter(metric => metric.last !== null && !(metric.key in value.results));
  return (
    <section>
      <h3 className="jmo-heading">
        {t('Made by')}
        <button type="button" className="jmo-link" onClick={() => host.openRun(run)}>
          {value.name}
        </button>
      </h3>
      <div className="jmo-figures">
        {results.map(([key, result]) => (
          <Figure key={key} name={key} value={shown(result)} />
        ))}
        {metrics.map(metric => (
          <Figure key={metric.key} name={metric.key} value={number(metric.last ?? 0)} />
        ))}
      </div>
      <Facts facts={Object.entries(value.params).map(([key, param]) => [key, shown(param)])} />
    </section>
  );
}

const Figure = ({ name, value }: { name: string; value: string }) => (
  <div className="jmo-figure">
    <span className="jmo-muted jmo-clip">{name}</span>
    <strong className="jmo-num">{value}</strong>
  </div>
);
