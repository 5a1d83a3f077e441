/** The size of the canvas, and the graph fitted into it until somebody moves it. */
import { useReactFlow } from '@xyflow/react';
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import type { Direction, INodeSize } from '../../../model/workflow/layout';
import type { IElements, ISize } from './elements';

// room for the pill above the graph
export const FIT = { padding: { top: '56px', right: '32px', bottom: '28px', left: '32px' }, minZoom: 0.1, maxZoom: 1.1 } as const;

export interface IFit {
  size: ISize | null;
  /** Somebody moved the canvas: leave it where it is. */
  leave(): void;
  fit(duration?: number): void;
  reveal(move: () => void): void;
}

export function useFit(canvas: RefObject<HTMLDivElement>): IFit {
  const flow = useReactFlow();
  const moved = useRef(false);
  const [size, setSize] = useState<ISize | null>(null);

  const fit = useCallback(
    (duration = 0) => {
      moved.current = false;
      void flow.fitView({ ...FIT, duration });
    },
    [flow]
  );

  // a tab of Lab that is hidden has no size when it's made: fit when it gets one, not when it's mounted
  useEffect(() => {
    const node = canvas.current;
    if (!node) {
      return undefined;
    }
    const observer = new ResizeObserver(([entry]) => {
      const width = Math.round(entry.contentRect.width);
      const height = Math.round(entry.contentRect.height);
      if (width > 0 && height > 0) {
        setSize(before => (before && same(before.width, width) && same(before.height, height) ? before : { width, height }));
      }
    });
    observer.observe(node);
    return () => observer.disconnect();
  }, [canvas]);

  useEffect(() => {
    if (size === null || moved.current) {
      return undefined;
    }
    const frame = requestAnimationFrame(() => fit());
    return () => cancelAnimationFrame(frame);
  }, [size, fit]);

  const leave = useCallback(() => {
    moved.current = true;
  }, []);
  /** Bring something into view: all of the graph while nobody moved it, else by `move`. */
  const reveal = useCallback((move: () => void) => (moved.current ? move() : fit(150)), [fit]);
  return { size, leave, fit, reveal };
}

/** An edit laid the steps out anew: show all of them again when some are out of sight, unless somebody chose what is seen. */
export function useLaid(
  { places, sizes }: Pick<IElements, 'places' | 'sizes'>,
  size: ISize | null,
  reveal: IFit['reveal']
): void {
  const flow = useReactFlow();
  const before = useRef(places);
  useEffect(() => {
    const known = before.current;
    before.current = places;
    if (size === null || known === places || Object.keys(known).length === 0) {
      return undefined;
    }
    const frame = requestAnimationFrame(() => {
      const { x, y, zoom } = flow.getViewport();
      const isOut = ({ id, width, height }: INodeSize): boolean => {
        const [left, top] = [places[id][0] * zoom + x, places[id][1] * zoom + y];
        return left < 0 || top < 0 || left + width * zoom > size.width || top + height * zoom > size.height;
      };
      if (sizes.some(isOut)) {
        reveal(() => undefined);
      }
    });
    return () => cancelAnimationFrame(frame);
  }, [flow, places, sizes, size, reveal]);
}

/** The graph was turned: show all of it. (Where handles are then, its nodes say: see `handles.ts`.) */
export function useTurned(direction: Direction, fit: (duration?: number) => void): void {
  const before = useRef(direction);
  useEffect(() => {
    if (before.current === direction) {
      return undefined;
    }
    const frame = requestAnimationFrame(() => {
      before.current = direction;
      fit();
    });
    return () => cancelAnimationFrame(frame);
  }, [direction, fit]);
}

const same = (one: number, other: number): boolean => Math.abs(one - other) < 24;
