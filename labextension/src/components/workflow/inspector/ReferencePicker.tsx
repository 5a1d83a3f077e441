/** A list one chooses from by typing: arrows walk, Enter takes. */
import { useId, useMemo, useState, type KeyboardEvent } from 'react';
import { useT } from '../../surroundings';
import { KindGlyph } from '../../ui';
import type { IOption } from './options';

/** More aren't drawn: one types to find them. */
const MOST = 80;

export function ReferencePicker(props: {
  options: readonly IOption[];
  label: string;
  /** Something that is typed but no option. */
  own?(query: string): IOption | null;
  onPick(option: IOption): void;
}) {
  const t = useT();
  const id = useId();
  const [query, setQuery] = useState('');
  const [place, setPlace] = useState(0);
  const { options, own } = props;
  const found = useMemo(() => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = options.filter(option => words.every(word => option.label.toLowerCase().includes(word)));
    const typed = own?.(query);
    const extra = typed && !options.some(option => option.value === typed.value) ? [typed] : [];
    return [...extra, ...fitting].slice(0, MOST);
  }, [options, own, query]);
  const at = Math.min(place, found.length - 1);

  const onKey = (event: KeyboardEvent) => {
    const goes: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1 };
    if (event.key in goes) {
      event.preventDefault();
      setPlace((goes[event.key] + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter' && found[at]) {
      event.preventDefault();
      props.onPick(found[at]);
    }
  };
  return (
    <div className="jmo-refer">
      <input
        className="jmo-input"
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-label={props.label}
        aria-activedescendant={found[at] ? `${id}-${at}` : undefined}
        placeholder={props.label}
        value={query}
        onChange={event => (setQuery(event.target.value), setPlace(0))}
        onKeyDown={onKey}
      />
      <div id={id} role="listbox" aria-label={props.label}>
        {found.map((option, index) => (
          <div key={`${option.group} ${option.value}`} role="presentation">
            {option.group !== found[index - 1]?.group ? <div className="jmo-refer-group">{option.group}</div> : null}
            <div
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === at}
              ref={node => void (index === at && node?.scrollIntoView?.({ block: 'nearest' }))}
              onPointerDown={event => event.preventDefault()}
              onClick={() => props.onPick(option)}
            >
              {option.kind ? <KindGlyph kind={option.kind} /> : null}
              <span className="jmo-clip">{option.label}</span>
            </div>
          </div>
        ))}
        {found.length === 0 ? <div className="jmo-refer-group">{t('Nothing fits')}</div> : null}
      </div>
    </div>
  );
}
