import type { IArtifactDetail } from '../../model/contract';
import { ago } from '../../model/format';
import { useHost, useT } from '../surroundings';
import { StateIcon } from '../ui';

/** The runs that read an artifact. */
export function UsedBy({ artifact }: { artifact: IArtifactDetail }) {
  const t = useT();
  const host = useHost();
  return (
    <section>
      <h3 className="jmo-heading">
        {t('Used by')} <span className="jmo-num">{artifact.consumers.length}</span>
      </h3>
      {artifact.consumers.length === 0 ? (
        <p className="jmo-muted">{t('No run has used it yet.')}</p>
      ) : (
        <ul className="jmo-used-by">
          {artifact.consumers.map(run => (
            <li key={run.run}>
              <StateIcon state={run.state} size={11} />
              <button type="button" className="jmo-link jmo-clip" title={run.run} onClick={() => host.openRun(run.run)}>
                {run.name}
              </button>
              <span className="jmo-spacer" />
              <span className="jmo-muted jmo-num">{ago(run.created)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
