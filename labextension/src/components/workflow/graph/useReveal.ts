/** Bringing steps into view, and the focus to the one that was walked to. */
import { useReactFlow } from '@xyflow/react';
import { useEffect, useRef, type RefObject } from 'react';
import { useReveals } from '../reveal';
import type { IElements } from './elements';
import { WIDTH } from './handles';

export function useReveal(canvas: RefObject<HTMLDivElement>, { places }: IElements, reveal: (move: () => void) => void): void {
  const flow = useReactFlow();
  const wanted = useReveals();
  const known = useRef(places);
  known.current = places;

  useEffect(() => {
    const name = wanted?.names[wanted.names.length - 1];
    const place = name === undefined ? undefined : known.current[name];
    if (name === undefined || !place || !canvas.current) {
      return undefined;
    }
    const { x, y, zoom } = flow.getViewport();
    const { clientWidth, clientHeight } = canvas.current;
    const left = place[0] * zoom + x;
    const top = place[1] * zoom + y;
    const by = [aside(left, WIDTH * zoom, clientWidth, 16, 16), aside(top, 78 * zoom, clientHeight, 56, 24)];
    if (by[0] || by[1]) {
      reveal(() => void flow.setViewport({ x: x + by[0], y: y + by[1], zoom }, { duration: 150 }));
    }
    const frame = requestAnimationFrame(() => {
      const typing = document.activeElement?.closest('input, textarea, .jmo-picker');
      if (canvas.current?.contains(document.activeElement) && !typing) {
        canvas.current
          .querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(name)}"] .jmo-node`)
          ?.focus({ preventScroll: true });
      }
    });
    return () => cancelAnimationFrame(frame);
  }, [wanted, canvas, flow, reveal]);
}

/** A tab that was opened has the focus as a whole: its graph takes it, so that keys mean that at once. */
export function useEntrance(canvas: RefObject<HTMLDivElement>): void {
  useEffect(() => {
    if (canvas.current && canvas.current.closest('.jmo-host') === document.activeElement) {
      canvas.current.focus({ preventScroll: true });
    }
  }, [canvas]);
}

/** How far to move so that a stretch lies between two margins. */
function aside(start: number, length: number, room: number, before: number, after: number): number {
  if (start < before) {
    return before - start;
  }
  const beyond = start + length - (room - after);
  return beyond > 0 ? -Math.min(beyond, start - before) : 0;
}
