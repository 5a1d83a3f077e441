import { useLayoutEffect, type RefObject } from 'react';

const EDGE = 4; // pixels

/** Move what pops up sideways as far as it takes to be inside of the panel, which would cut it off. */
export function useKeptInside(popup: RefObject<HTMLElement>): void {
  useLayoutEffect(() => {
    const box = popup.current;
    const panel = box?.closest('.jmo-root');
    if (box && panel && getComputedStyle(box).position !== 'fixed') {
      const by = shift(box.getBoundingClientRect(), panel.getBoundingClientRect());
      if (by !== 0) {
        box.style.translate = `${by}px`;
      }
    }
  }, [popup]);
}

type Span = Pick<DOMRect, 'left' | 'right'>;

/** What doesn't fit at all begins where the panel does. */
export function shift(box: Span, panel: Span): number {
  const toRight = panel.left + EDGE - box.left;
  const toLeft = panel.right - EDGE - box.right;
  return toRight > 0 ? toRight : toLeft < 0 ? Math.max(toLeft, toRight) : 0;
}
