/** All versions of a key. */
import type { IArtifactDetail } from '../../model/contract';
import { bytes, date, shortId } from '../../model/format';
import { useHost, useT } from '../surroundings';

export function Versions({ artifact, onVersion }: { artifact: IArtifactDetail; onVersion(uid: string): void }) {
  const t = useT();
  const host = useHost();
  const total = artifact.versions.length;
  return (
    <table className="jmo-artifacts-table">
      <thead>
        <tr>
          <th scope="col">{t('Version')}</th>
          <th scope="col">{t('Tags')}</th>
          <th scope="col">{t('Created')}</th>
          <th scope="col" className="jmo-right">
            {t('Size')}
          </th>
          <th scope="col">{t('Made by')}</th>
          <th scope="col">{t('Content')}</th>
        </tr>
      </thead>
      <tbody>
        {artifact.versions.map((version, at) => (
          <tr key={version.uid} aria-current={version.uid === artifact.uid ? 'true' : undefined}>
            <td>
              <button type="button" className="jmo-row-name" onClick={() => onVersion(version.uid)}>
                v{total - at}
              </button>
            </td>
            <td>
              {version.tags.map(tag => (
                <span key={tag} className="jmo-tag">
                  {tag}
                </span>
              ))}
            </td>
            <td className="jmo-num">{date(version.created)}</td>
            <td className="jmo-right jmo-num">{bytes(version.size)}</td>
            <td>
              {version.run === null ? null : (
                <button type="button" className="jmo-link" onClick={() => host.openRun(version.run ?? '')}>
                  {version.function ?? shortId(version.run)}
                </button>
              )}
            </td>
            <td className="jmo-mono jmo-muted" title={version.hash}>
              {version.hash.slice(0, 12)}
              {version.hash === artifact.hash && version.uid !== artifact.uid ? ` ${t('(same)')}` : ''}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
