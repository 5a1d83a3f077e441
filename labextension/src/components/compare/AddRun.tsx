import { Plus } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import type { IRunRow } from '../../model/contract';
import { ago, shortId } from '../../model/format';
import { useAnswer } from '../answers';
import { useT } from '../surroundings';
import { Button, Problem, StateIcon } from '../ui';

/** Finds a run by a word or a query, and adds it. */
export function AddRun({ taken, add, full }: { taken: readonly string[]; add(run: string): void; full: boolean }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <span className="jmo-add-run">
      <Button
        icon={Plus}
        aria-haspopup="dialog"
        aria-expanded={open}
        disabled={full}
        title={full ? t('20 runs are as many as can be compared') : undefined}
        onClick={() => setOpen(!open)}
      >
        {t('Add run')}
      </Button>
      {open ? <Finder taken={taken} add={add} onClose={() => setOpen(false)} /> : null}
    </span>
  );
}

function Finder({ taken, add, onClose }: { taken: readonly string[]; add(run: string): void; onClose(): void }) {
  const t = useT();
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const [at, setAt] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 200);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    const outside = (event: PointerEvent) => place.current?.contains(event.target as Node) || onClose();
    document.addEventListener('pointerdown', outside, true);
    return () => document.removeEventListener('pointerdown', outside, true);
    // only when it opens
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  const { value, error, loading } = useAnswer('runs.list', { query: asked, limit: 40, sort: 'created', descending: true });
  const rows = (value?.rows ?? []).filter(row => !taken.includes(row.id)).slice(0, 12);
  const take = (row: IRunRow | undefined) => {
    if (row) {
      add(row.id);
      onClose();
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const acts: Record<string, () => void> = {
      ArrowDown: () => setAt(Math.min(rows.length - 1, at + 1)),
      ArrowUp: () => setAt(Math.max(0, at - 1)),
      Enter: () => take(rows[at]),
      Escape: onClose
    };
    if (event.key in acts) {
      event.preventDefault();
      event.stopPropagation();
      acts[event.key]();
    }
  };
  return (
    <div ref={place} className="jmo-menu jmo-finder">
      <input
        className="jmo-input"
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={rows[at] ? `${id}-${at}` : undefined}
        aria-label={t('Find a run')}
        placeholder={t('Name, function, or accuracy > 0.9')}
        value={text}
        onChange={event => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      {error ? <Problem error={error} /> : null}
      <ul id={`${id}-list`} role="listbox" aria-label={t('Runs')}>
        {rows.map((row, index) => (
          <li key={row.id} id={`${id}-${index}`} role="option" aria-selected={index === at} onClick={() => take(row)}>
            <StateIcon state={row.state} size={10} />
            <span className="jmo-clip">{row.name || row.id}</span>
            {row.name && row.name !== row.id ? <span className="jmo-muted jmo-mono">{shortId(row.id)}</span> : null}
            <span className="jmo-muted jmo-num">{ago(row.created)}</span>
          </li>
        ))}
      </ul>
      {!rows.length && !loading && !error ? <p className="jmo-muted">{t('No other run fits.')}</p> : null}
    </div>
  );
}
