/** Find a step: the others fade, Enter goes from one to the next. */
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useT } from '../../surroundings';
import { IconButton } from '../../ui';
import { useEditor } from '../context';
import { matches } from './elements';

export function SearchBox({ query, onQuery, onClose }: { query: string; onQuery(query: string): void; onClose(): void }) {
  const t = useT();
  const { doc, select } = useEditor();
  const field = useRef<HTMLInputElement>(null);
  const [at, setAt] = useState(0);
  const words = query.trim().toLowerCase();
  const found = words === '' ? [] : doc.steps.filter(step => matches(step, words)).map(step => step.name);

  useEffect(() => field.current?.focus(), []);
  const go = (to: number) => {
    if (found.length) {
      const next = (to + found.length) % found.length;
      setAt(next);
      select([found[next]], { reveal: true });
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      onClose();
    } else if (event.key === 'Enter') {
      go(event.shiftKey ? at - 1 : at);
      setAt(before => (event.shiftKey ? before : before + 1));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="jmo-search jmo-canvas-search nopan" role="search" onKeyDown={onKeyDown}>
      <input
        ref={field}
        type="text"
        role="searchbox"
        aria-label={t('Find a step')}
        placeholder={t('Find a step')}
        value={query}
        onChange={event => (onQuery(event.target.value), setAt(0))}
      />
      <span className="jmo-num jmo-muted" role="status">
        {words === '' ? '' : found.length === 0 ? t('None') : t('%1 found', found.length)}
      </span>
      <IconButton icon={ChevronUp} label={t('Previous')} disabled={!found.length} onClick={() => go(at - 1)} />
      <IconButton icon={ChevronDown} label={t('Next')} disabled={!found.length} onClick={() => go(at + 1)} />
      <IconButton icon={X} label={t('Close')} onClick={onClose} />
    </div>
  );
}
