/** Bringing steps into view, and the focus to the one that was walked to. */
import { useReactFlow } from '@xyflow/react';
import { useEffect, useRef, type RefObject } from 'react';
import { useReveals } from '../reveal';
import type { IEditor } from '../context';
import type { IElements } from './elements';
import { WIDTH } from './StepNode';

export function useReveal(canvas: RefObject<HTMLDivElement>, editor: IEditor, { places }: IElements, leave: () => void): void {
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
    const inside = left >= 8 && top >= 48 && left + WIDTH * zoom <= clientWidth - 8 && top + 78 * zoom <= clientHeight - 8;
    if (!inside) {
      leave();
      void flow.setCenter(place[0] + WIDTH / 2, place[1] + 39, { zoom: Math.max(zoom, 0.6), duration: 150 });
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
  }, [wanted, canvas, flow, leave]);

  // what had the focus is gone: the keyboard stays in the canvas
  useEffect(() => {
    if (document.activeElement === document.body && canvas.current?.dataset.had === 'focus') {
      canvas.current.focus({ preventScroll: true });
    }
    if (canvas.current) {
      canvas.current.dataset.had = canvas.current.contains(document.activeElement) ? 'focus' : '';
    }
  }, [canvas, editor.doc, editor.selected]);
}
