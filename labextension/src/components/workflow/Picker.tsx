/** A list to choose from by typing: arrows walk, Enter takes, Escape closes and gives the focus back. */
import { useEffect, useId, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react';
import { useT } from '../surroundings';
import { KindIcon } from '../ui';

export interface IChoice {
  key: string;
  label: string;
  detail: string;
  kind: string;
  /** Why it can't be chosen. */
  refused?: string | null;
}

interface IPickerProps<C extends IChoice> {
  label: string;
  choices: readonly C[];
  /** What to say when there is none at all. */
  none: string;
  /** Whether the choices are still on their way. */
  loading?: boolean;
  style?: CSSProperties;
  onPick(choice: C): void;
  onClose(): void;
}

export function Picker<C extends IChoice>({ label, choices, none, loading = false, style, onPick, onClose }: IPickerProps<C>) {
  const t = useT();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const found = useMemo(() => matching(choices, query), [choices, query]);
  const current = Math.min(at, Math.max(0, found.length - 1));
  useFocusBack(box, onClose);

  useEffect(() => {
    box.current?.querySelector('[aria-selected=true]')?.scrollIntoView?.({ block: 'nearest' });
  }, [current, found]);

  const pick = (choice: C | undefined) => choice && !choice.refused && onPick(choice);
  // who types a name and Enter at once means it, though the list comes later
  const entered = useRef(false);
  useEffect(() => {
    if (entered.current && !loading) {
      entered.current = false;
      pick(found[0]);
    }
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const to: Record<string, number> = { ArrowDown: current + 1, ArrowUp: current - 1 };
    if (event.key in to) {
      setAt((to[event.key] + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter') {
      entered.current = loading;
      pick(found[current]);
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      onClose();
    } else {
      event.stopPropagation(); // typed text is no command of the canvas
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={box}
      className="jmo-picker nowheel nodrag nopan"
      style={style}
      role="dialog"
      aria-label={label}
      onKeyDown={onKeyDown}
    >
      <input
        className="jmo-input"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length ? `${id}-${current}` : undefined}
        aria-label={label}
        placeholder={label}
        value={query}
        onChange={event => (setQuery(event.target.value), setAt(0), (entered.current = false))}
      />
      <div
        className="jmo-picker-list"
        role="listbox"
        id={`${id}-list`}
        aria-label={label}
        onMouseDown={event => event.preventDefault()} // the focus stays in the field
      >
        {found.map((choice, index) => (
          <div
            key={choice.key}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === current}
            aria-disabled={choice.refused ? true : undefined}
            title={choice.refused ?? undefined}
            onPointerMove={() => setAt(index)}
            onClick={() => pick(choice)}
          >
            <KindIcon kind={choice.kind} small />
            <span className="jmo-clip">{choice.label}</span>
            <span className="jmo-picker-detail jmo-clip">{choice.refused ?? choice.detail}</span>
          </div>
        ))}
      </div>
      {found.length ? null : (
        <p className="jmo-picker-none">{loading ? t('Loading…') : choices.length ? t('Nothing found') : none}</p>
      )}
    </div>
  );
}

/** Focus the field on opening; on closing give the focus back to where it was. */
function useFocusBack(box: React.RefObject<HTMLDivElement>, onClose: () => void): void {
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const shown = box.current;
    shown?.querySelector('input')?.focus();
    const outside = (event: PointerEvent) => shown?.contains(event.target as Node) || close.current();
    document.addEventListener('pointerdown', outside, true);
    return () => {
      document.removeEventListener('pointerdown', outside, true);
      if (shown?.contains(document.activeElement) || document.activeElement === document.body) {
        before?.focus();
      }
    };
  }, [box]);
}

/** Those whose label or detail holds every word; beginnings of labels first. */
export function matching<C extends IChoice>(choices: readonly C[], query: string): C[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (choice: C) => words.every(word => `${choice.label} ${choice.detail}`.toLowerCase().includes(word));
  const rank = (choice: C) => (words.length && choice.label.toLowerCase().startsWith(words[0]) ? 0 : 1);
  return choices.filter(fits).sort((one, other) => rank(one) - rank(other));
}
