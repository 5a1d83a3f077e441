/** What matters first: why it failed, what came of it, what it was asked. */
import type { IRunDetail } from '../../model/contract';
import { plain, shown } from '../../model/format';
import { useT } from '../surroundings';

export function Overview({ run }: { run: IRunDetail }) {
  const t = useT();
  return (
    <div className="jmo-run-overview">
      {run.error ? (
        <div className="jmo-run-failure">
          <strong>{`${run.error.ename}: ${run.error.evalue}`}</strong>
          <pre className="jmo-log">{plain(run.error.traceback.join('\n'))}</pre>
        </div>
      ) : null}
      <Facts title={t('Results')} values={run.results} />
      <Facts title={t('Params')} values={run.params} />
    </div>
  );
}

function Facts({ title, values }: { title: string; values: IRunDetail['params'] }) {
  const names = Object.keys(values);
  return names.length === 0 ? null : (
    <section>
      <h3 className="jmo-heading">{title}</h3>
      <dl className="jmo-facts">
        {names.map(name => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{shown(values[name])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
