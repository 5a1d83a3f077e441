/** The graph fitted into its canvas until somebody moves it. */
import { getNodesBounds, getViewportForBounds, useReactFlow, type Viewport } from '@xyflow/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Direction, INodeSize } from '../../../model/workflow/layout';
import type { IElements } from './elements';
import type { StepNodeType } from './stepData';
import type { ISize } from './useSize';

// room for the pill above the graph
export const FIT = { padding: { top: '56px', right: '44px', bottom: '28px', left: '44px' }, minZoom: 0.1, maxZoom: 1.1 } as const;

export interface IFit {
  /** Where the graph is seen from when it is drawn first; undefined when there is nothing to see yet. */
  start: Viewport | undefined;
  /** Somebody moved the canvas: leave it where it is. */
  leave(): void;
  fit(duration?: number): void;
  reveal(move: () => void): void;
}

export function useFit(nodes: StepNodeType[], size: ISize): IFit {
  const flow = useReactFlow();
  const moved = useRef(false);
  // React Flow would draw all once as it isn't seen, and fit it after that
  const [start] = useState(() => (nodes.length ? fitted(nodes, size) : undefined));
  const known = useRef(start ? size : null);

  const fit = useCallback(
    (duration = 0) => {
      moved.current = false;
      void flow.fitView({ ...FIT, duration });
    },
    [flow]
  );

  useEffect(() => {
    if (size === known.current || moved.current) {
      return undefined;
    }
    known.current = size;
    const frame = requestAnimationFrame(() => fit());
    return () => cancelAnimationFrame(frame);
  }, [size, fit]);

  const leave = useCallback(() => {
    moved.current = true;
  }, []);
  /** Bring something into view: all of the graph while nobody moved it, else by `move`. */
  const reveal = useCallback((move: () => void) => (moved.current ? move() : fit(150)), [fit]);
  return { start, leave, fit, reveal };
}

const fitted = (nodes: StepNodeType[], { width, height }: ISize): Viewport =>
  getViewportForBounds(getNodesBounds(nodes), width, height, FIT.minZoom, FIT.maxZoom, FIT.padding);

/** An edit laid the steps out anew: show all of them again when some are out of sight, unless somebody chose what is seen. */
export function useLaid({ places, sizes }: Pick<IElements, 'places' | 'sizes'>, size: ISize, reveal: IFit['reveal']): void {
  const flow = useReactFlow();
  const before = useRef(places);
  useEffect(() => {
    const known = before.current;
    before.current = places;
    if (known === places || Object.keys(known).length === 0) {
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
