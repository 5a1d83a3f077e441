/** The size of the canvas, and the graph fitted into it until somebody moves it. */
import { useReactFlow, useUpdateNodeInternals } from '@xyflow/react';
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import type { Direction } from '../../../model/workflow/layout';
import type { IPorts } from '../../../model/workflow/ports';
import type { ISize } from './elements';
import type { StepNodeType } from './StepNode';

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

/**
 * React Flow measures handles once. When they went from left and right to above and below, or came to be because a Function became
 * known, it has to measure them again: else edges end where they were, and no connection can begin at a new one.
 */
export function useMeasured(nodes: readonly StepNodeType[], direction: Direction, fit: (duration?: number) => void): void {
  const update = useUpdateNodeInternals();
  const before = useRef({ direction, ports: new Map<string, IPorts>() });
  const waiting = useRef({ names: new Set<string>(), fit: false });
  useEffect(() => {
    const turned = before.current.direction !== direction;
    for (const { id, data } of nodes) {
      if (turned || differs(before.current.ports.get(id), data.ports)) {
        waiting.current.names.add(id);
      }
    }
    waiting.current.fit ||= turned;
    before.current = { direction, ports: new Map(nodes.map(node => [node.id, node.data.ports])) };
    if (waiting.current.names.size === 0) {
      return undefined;
    }
    // when they are in the DOM; whoever comes in between measures these, too
    const frame = requestAnimationFrame(() => {
      const { names, fit: refit } = waiting.current;
      waiting.current = { names: new Set(), fit: false };
      update([...names]);
      if (refit) {
        fit();
      }
    });
    return () => cancelAnimationFrame(frame);
  }, [nodes, direction, update, fit]);
}

function differs(one: IPorts | undefined, other: IPorts): boolean {
  const ids = (ports: IPorts) => [...ports.inputs, ...ports.outputs].map(port => port.id).join();
  return one !== undefined && one !== other && ids(one) !== ids(other);
}

const same = (one: number, other: number): boolean => Math.abs(one - other) < 24;
