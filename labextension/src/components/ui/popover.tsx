import { useEffect, useRef, useState, type CSSProperties, type ReactNode } from 'react';
import { useKeptInside } from './inside';

/** A small panel over the page: Escape and a press outside close it, and the focus goes back to where it was. */
export function Popover(props: {
  label: string;
  onClose(): void;
  style?: CSSProperties;
  className?: string;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  useKeptInside(box);
  const close = useRef(props.onClose);
  close.current = props.onClose;
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const shown = box.current;
    shown?.querySelector<HTMLElement>('input, select, textarea, button, [tabindex="0"]')?.focus();
    const outside = (event: PointerEvent): void => {
      if (!shown?.parentElement?.contains(event.target as Node)) {
        close.current();
      }
    };
    document.addEventListener('pointerdown', outside, true);
    return () => {
      document.removeEventListener('pointerdown', outside, true);
      if (shown?.contains(document.activeElement) || document.activeElement === document.body) {
        before?.focus();
      }
    };
  }, []);
  return (
    <div
      ref={box}
      className={`jmo-menu jmo-popover ${props.className ?? ''}`}
      role="dialog"
      aria-label={props.label}
      style={props.style}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          props.onClose();
        }
      }}
    >
      {props.children}
    </div>
  );
}

/** A button that opens a panel below itself. `button` gets what the button needs, `children` what closes the panel. */
export function WithPopover(props: {
  label: string;
  align?: 'left' | 'right';
  className?: string;
  button(button: { 'aria-haspopup': 'dialog'; 'aria-expanded': boolean; onClick(): void }): ReactNode;
  children(close: () => void): ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <span style={{ position: 'relative', display: 'inline-flex' }}>
      {props.button({ 'aria-haspopup': 'dialog', 'aria-expanded': open, onClick: () => setOpen(!open) })}
      {open ? (
        <Popover
          label={props.label}
          onClose={close}
          className={props.className}
          style={{ top: 'calc(100% + 4px)', [props.align ?? 'right']: 0 }}
        >
          {props.children(close)}
        </Popover>
      ) : null}
    </span>
  );
}
