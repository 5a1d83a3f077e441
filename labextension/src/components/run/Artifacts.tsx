import type { IArtifactRow } from '../../model/contract';
import { bytes } from '../../model/format';
import { useHost, useT } from '../surroundings';
import { Empty, KindIcon } from '../ui';

/** What the run made. */
export function Artifacts({ artifacts, live }: { artifacts: IArtifactRow[]; live: boolean }) {
  const t = useT();
  const host = useHost();
  if (artifacts.length === 0) {
    return (
      <Empty title={live ? t('No artifacts yet') : t('It made no artifacts')}>
        {t('Return a value, or call mlops.log_artifact.')}
      </Empty>
    );
  }
  return (
    <table className="jmo-run-table">
      <thead>
        <tr>
          <th scope="col">{t('Artifact')}</th>
          <th scope="col">{t('Kind')}</th>
          <th scope="col">{t('Type')}</th>
          <th scope="col">{t('Tags')}</th>
          <th scope="col" className="jmo-right">
            {t('Size')}
          </th>
        </tr>
      </thead>
      <tbody>
        {artifacts.map(made => (
          <tr key={made.uid}>
            <th scope="row">
              <KindIcon kind={made.kind} small />
              <button type="button" className="jmo-link" title={made.uri} onClick={() => host.openArtifact(made.uid)}>
                {made.key}
              </button>
            </th>
            <td className="jmo-muted">{made.kind}</td>
            <td className="jmo-mono">{made.type}</td>
            <td>
              {made.tags.map(tag => (
                <span key={tag} className="jmo-tag">
                  {tag}
                </span>
              ))}
            </td>
            <td className="jmo-right jmo-num">{bytes(made.size)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
