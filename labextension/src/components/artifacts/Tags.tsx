/** The tags of an artifact: each can be taken away, and new ones given. `latest` moves by itself. */
import { Plus, X } from 'lucide-react';
import type { IArtifactDetail } from '../../model/contract';
import { useBackend, useHost, useReadonly, useT } from '../surroundings';
import { IconButton } from '../ui';

const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/;

export function Tags({ artifact, onChange }: { artifact: IArtifactDetail; onChange(): void }) {
  const t = useT();
  const host = useHost();
  const backend = useBackend();
  const readonly = useReadonly();
  const { uid } = artifact;
  const told = (asked: Promise<unknown>) => void asked.then(onChange, (error: Error) => host.notify(error.message, 'error'));
  const add = async () => {
    const tag = await host.ask({
      title: t('Tag this version'),
      label: t('Tag'),
      accept: t('Add tag'),
      check: text => problem(text, t)
    });
    return tag === null ? undefined : backend.call('artifacts.tag', { uid, tag });
  };
  return (
    <span className="jmo-tags" role="list" aria-label={t('Tags')}>
      {artifact.tags.map(tag => (
        <span key={tag} role="listitem" className="jmo-tag jmo-removable">
          {tag}
          {readonly || tag === 'latest' ? null : (
            <IconButton
              icon={X}
              label={t('Remove tag %1', tag)}
              onClick={() => told(backend.call('artifacts.untag', { uid, tag }))}
            />
          )}
        </span>
      ))}
      {readonly ? null : (
        <span role="listitem">
          <IconButton icon={Plus} label={t('Add tag')} onClick={() => told(add())} />
        </span>
      )}
    </span>
  );
}

function problem(text: string, t: (text: string) => string): string | null {
  if (text === 'latest') {
    return t('“latest” moves by itself. Choose another tag, like “best”.');
  }
  return TAG.test(text) ? null : t('Use letters, digits, “.”, “_” and “-”, at most 63, beginning with a letter or digit.');
}
