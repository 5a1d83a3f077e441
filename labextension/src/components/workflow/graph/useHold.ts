/** Keep the focus on the canvas when what had it goes away: keys go on meaning the canvas, and undo is one of them. */
import { useEffect, type RefObject } from 'react';

export function useHold(canvas: RefObject<HTMLElement>): void {
  useEffect(() => {
    const shown = canvas.current;
    if (shown === null) {
      return undefined;
    }
    // a removed element says nothing when it loses the focus, so what counts is where the focus or the pointer went
    let held = false;
    const note = (event: Event) => {
      held = shown.contains(event.target as Node);
    };
    const removals = new MutationObserver(() => {
      if (held && document.activeElement === document.body) {
        shown.focus({ preventScroll: true });
      }
    });
    document.addEventListener('focusin', note);
    document.addEventListener('pointerdown', note, true);
    removals.observe(shown, { childList: true, subtree: true });
    return () => {
      document.removeEventListener('focusin', note);
      document.removeEventListener('pointerdown', note, true);
      removals.disconnect();
    };
  }, [canvas]);
}
