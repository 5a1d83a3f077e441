/** A run's tags, to be added and taken away where they stand. */
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { IRunDetail } from '../../model/contract';
import { tagOf } from '../runs/useRunActions';
import { useBackend, useHost, useReadonly, useT } from '../surroundings';
import { IconButton } from '../ui';

export function Tags({ run }: { run: IRunDetail }) {
  const t = useT();
  const host = useHost();
  const backend = useBackend();
  const readonly = useReadonly();
  const [given, setGiven] = useState<{ of: IRunDetail['tags']; tags: IRunDetail['tags'] } | null>(null);
  const [text, setText] = useState<string | null>(null);
  const tags = given !== null && given.of === run.tags ? given.tags : run.tags;
  const set = (key: string, value: string | null): void =>
    void backend.call('runs.tag', { run: run.id, tags: { [key]: value } }).then(
      answer => setGiven({ of: run.tags, tags: answer.tags }),
      (error: Error) => host.notify(error.message, 'error')
    );
  const finish = (): void => {
    const tag = text === null ? null : tagOf(text);
    if (tag) {
      set(tag.key, tag.value);
    }
    setText(null);
  };
  return (
    <div className="jmo-run-tags" role="group" aria-label={t('Tags')}>
      {Object.entries(tags).map(([key, value]) => (
        <span key={key} className="jmo-tag">
          <span className="jmo-clip" title={value === '' ? key : `${key}=${value}`}>
            {value === '' ? key : `${key}=${value}`}
          </span>
          {readonly ? null : <IconButton icon={X} label={t('Take the tag %1 away', key)} onClick={() => set(key, null)} />}
        </span>
      ))}
      {readonly ? null : text === null ? (
        <button type="button" className="jmo-run-add" onClick={() => setText('')}>
          <Plus size={12} aria-hidden />
          {t('Tag')}
        </button>
      ) : (
        <input
          className="jmo-input"
          autoFocus
          aria-label={t('A tag as name=value')}
          placeholder={t('name=value')}
          value={text}
          onChange={event => setText(event.target.value)}
          onBlur={finish}
          onKeyDown={event => {
            if (event.key === 'Enter') {
              finish();
            } else if (event.key === 'Escape') {
              event.stopPropagation();
              setText(null);
            }
          }}
        />
      )}
    </div>
  );
}
