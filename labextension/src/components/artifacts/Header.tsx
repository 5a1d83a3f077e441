/** The head of an artifact: name, version, tags, and what one can do with it. */
import { Copy, Download, Trash2 } from 'lucide-react';
import type { IArtifactDetail } from '../../model/contract';
import { bytes, date, shortId } from '../../model/format';
import { useBackend, useHost, useReadonly, useT } from '../surroundings';
import { Button, IconButton, KindIcon } from '../ui';
import { copyText } from './copy';
import { Tags } from './Tags';
import { kindWord, shortType } from './words';

interface IHeaderProps {
  artifact: IArtifactDetail;
  onVersion(uid: string): void;
  onTags(): void;
  onDeleted(): void;
}

export function Header({ artifact, onVersion, onTags, onDeleted }: IHeaderProps) {
  const t = useT();
  const host = useHost();
  const { run } = artifact;
  return (
    <header className="jmo-artifact-head">
      <KindIcon kind={artifact.kind} />
      <div className="jmo-artifact-titles">
        <div className="jmo-artifact-line">
          <h2 className="jmo-title jmo-clip">{artifact.key}</h2>
          <VersionPicker artifact={artifact} onVersion={onVersion} />
          <Tags artifact={artifact} onChange={onTags} />
        </div>
        <div className="jmo-artifact-line jmo-muted">
          <span>{kindWord(artifact.kind, t)}</span>
          <span className="jmo-mono" title={artifact.type}>
            {shortType(artifact.type)}
          </span>
          <span className="jmo-num">{bytes(artifact.size)}</span>
          {run === null ? null : (
            <span>
              {t('by')}{' '}
              <button type="button" className="jmo-link" title={run} onClick={() => host.openRun(run)}>
                {artifact.function ?? shortId(run)}
              </button>
            </span>
          )}
          <IconButton
            icon={Copy}
            label={t('Copy URI')}
            onClick={() => void copyText(artifact.uri).then(() => host.notify(t('Copied %1', artifact.uri), 'success'))}
          />
        </div>
      </div>
      <Actions artifact={artifact} onDeleted={onDeleted} />
    </header>
  );
}

function VersionPicker({ artifact, onVersion }: Pick<IHeaderProps, 'artifact' | 'onVersion'>) {
  const t = useT();
  const total = artifact.versions.length;
  if (total < 2) {
    return null;
  }
  return (
    <select
      className="jmo-input jmo-version"
      aria-label={t('Version')}
      value={artifact.uid}
      onChange={event => onVersion(event.target.value)}
    >
      {artifact.versions.map((version, at) => (
        <option key={version.uid} value={version.uid}>
          {[`v${total - at}`, date(version.created).slice(0, 16), ...version.tags].join(' · ')}
        </option>
      ))}
    </select>
  );
}

function Actions({ artifact, onDeleted }: Pick<IHeaderProps, 'artifact' | 'onDeleted'>) {
  const t = useT();
  const host = useHost();
  const backend = useBackend();
  const readonly = useReadonly();
  const address = artifact.whole ? backend.download(artifact.uid) : null;
  const remove = async () => {
    const sure = await host.confirm({
      title: t('Delete this version of “%1”?', artifact.key),
      body: dependents(artifact, t),
      accept: t('Delete'),
      danger: true
    });
    if (sure) {
      await backend.call('artifacts.delete', { uid: artifact.uid });
      host.notify(t('Deleted “%1”', artifact.key), 'success');
      onDeleted();
    }
  };
  return (
    <div className="jmo-artifact-actions">
      {address === null ? null : (
        <a className="jmo-button" href={address} download={artifact.filename}>
          <Download size={13} strokeWidth={2} aria-hidden />
          {t('Download')}
        </a>
      )}
      {readonly ? null : (
        <Button
          icon={Trash2}
          look="danger"
          onClick={() => void remove().catch((error: Error) => host.notify(error.message, 'error'))}
        >
          {t('Delete')}
        </Button>
      )}
    </div>
  );
}

/** What depends on an artifact, for the question before it goes. */
function dependents(artifact: IArtifactDetail, t: (text: string, ...args: (string | number)[]) => string): string {
  const { consumers } = artifact;
  const last = t('It can’t be brought back.');
  if (consumers.length === 0) {
    return `${t('No run uses it.')} ${last}`;
  }
  const named = consumers.slice(0, 8).map(run => `• ${run.name} (${run.run})`);
  const rest = consumers.length > 8 ? [t('and %1 more', consumers.length - 8)] : [];
  const said = consumers.length === 1 ? t('1 run used it:') : t('%1 runs used it:', consumers.length);
  return [said, ...named, ...rest, '', `${t('They stay, but can’t be run again with it.')} ${last}`].join('\n');
}
