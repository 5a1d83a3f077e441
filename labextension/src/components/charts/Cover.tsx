import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { createPortal } from 'react-dom';

const REACHABLE = 'button:not(:disabled), input, select, [tabindex="0"]';

/** Lies over the whole screen of ours until it is closed; the focus stays inside, and goes back to where it was. */
export function Cover({ label, onClose, children }: { label: string; onClose(): void; children: ReactNode }) {
  const mark = useRef<HTMLSpanElement>(null);
  const [root, setRoot] = useState<Element | null>(null);
  const cover = useRef<HTMLDivElement>(null);
  useEffect(() => setRoot(mark.current?.closest('.jmo-root') ?? mark.current?.parentElement ?? null), []);
  useEffect(() => {
    if (!root) {
      return undefined;
    }
    const before = document.activeElement as HTMLElement | null;
    cover.current?.focus();
    return () => before?.focus();
  }, [root]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onClose();
    } else if (event.key === 'Tab' && cover.current) {
      const stops = [...cover.current.querySelectorAll<HTMLElement>(REACHABLE)].filter(stop => stop.tabIndex >= 0);
      const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
      if (document.activeElement === edge || document.activeElement === cover.current) {
        event.preventDefault();
        (event.shiftKey ? stops[stops.length - 1] : stops[0])?.focus();
      }
    }
  };
  const content = (
    <div ref={cover} className="jmo-chart-full" role="dialog" aria-modal aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
      {children}
    </div>
  );
  return root ? createPortal(content, root) : <span ref={mark} hidden />;
}
