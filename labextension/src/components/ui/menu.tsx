import { Check, type LucideIcon } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useKeptInside } from './inside';

export interface IMenuItem {
  label: string;
  icon?: LucideIcon;
  /** Of an item that can be ticked. */
  checked?: boolean;
  /** Whether only one of those that can be ticked is: then the choice is made, and the menu closes. */
  single?: boolean;
  disabled?: boolean;
  run(): void;
}

/** A popup list of actions: arrows walk, Escape closes and gives the focus back. */
export function Menu({
  items,
  label,
  onClose,
  style
}: {
  items: (IMenuItem | 'line')[];
  label: string;
  onClose(): void;
  style?: React.CSSProperties;
}) {
  const list = useRef<HTMLDivElement>(null);
  useKeptInside(list);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const shown = list.current;
    shown?.querySelector<HTMLElement>('[role^=menuitem]')?.focus();
    const outside = (event: PointerEvent) => shown?.contains(event.target as Node) || onClose();
    document.addEventListener('pointerdown', outside, true);
    return () => {
      document.removeEventListener('pointerdown', outside, true);
      if (shown?.contains(document.activeElement) || document.activeElement === document.body) {
        before?.focus();
      }
    };
    // only when it opens: a new onClose each render must not move the focus
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return (
    <div ref={list} className="jmo-menu" role="menu" aria-label={label} style={style} onKeyDown={event => walk(event, onClose)}>
      {items.map((item, index) =>
        item === 'line' ? (
          <hr key={index} />
        ) : (
          <button
            key={index}
            type="button"
            role={item.checked === undefined ? 'menuitem' : item.single ? 'menuitemradio' : 'menuitemcheckbox'}
            aria-checked={item.checked}
            disabled={item.disabled}
            tabIndex={-1}
            onClick={() => {
              if (item.checked === undefined || item.single) {
                onClose();
              }
              item.run();
            }}
          >
            {item.checked === undefined ? null : <Check size={13} visibility={item.checked ? undefined : 'hidden'} aria-hidden />}
            {item.icon ? <item.icon size={13} aria-hidden /> : null}
            <span className="jmo-clip" title={item.label.length > LONG ? item.label : undefined}>
              {item.label}
            </span>
          </button>
        )
      )}
    </div>
  );
}

const LONG = 40; // characters that may not fit

function walk(event: KeyboardEvent<HTMLDivElement>, onClose: () => void): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^=menuitem]:not(:disabled)')];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault();
    event.stopPropagation();
    onClose();
  } else if (event.key in to) {
    event.preventDefault();
    items[(to[event.key] + items.length) % items.length]?.focus();
  }
}

/** A button that opens a menu below itself. `children` gets what the button needs. */
export function WithMenu(props: {
  items: (IMenuItem | 'line')[];
  label: string;
  align?: 'left' | 'right';
  children(button: { 'aria-haspopup': 'menu'; 'aria-expanded': boolean; onClick(): void }): ReactNode;
}) {
  const [open, setOpen] = useState(false);
  return (
    <span style={{ position: 'relative', display: 'inline-flex' }}>
      {props.children({ 'aria-haspopup': 'menu', 'aria-expanded': open, onClick: () => setOpen(!open) })}
      {open ? (
        <Menu
          items={props.items}
          label={props.label}
          onClose={() => setOpen(false)}
          style={{ top: '100%', [props.align ?? 'right']: 0 }}
        />
      ) : null}
    </span>
  );
}
