/** A connection: one path to see, one wide one to hit. */
import { type Edge, type EdgeProps, Position } from '@xyflow/react';
import { memo, useMemo } from 'react';
import type { State } from '../../../model/contract';
import type { IEdge } from '../../../model/workflow/graph';
import { type ICard, wayOf } from '../../../model/workflow/ways';

export interface IEdgeData extends Record<string, unknown> {
  edge: IEdge;
  state: State | 'none';
  /** What it mustn't pass behind. */
  cards: readonly ICard[];
}

const ALONE: ICard[] = [];

export type FlowEdgeType = Edge<IEdgeData, 'flow'>;

export const FlowEdge = memo(function FlowEdge(props: EdgeProps<FlowEdgeType>) {
  const { sourceX, sourceY, targetX, targetY, sourcePosition, markerEnd, data } = props;
  const direction = sourcePosition === Position.Bottom ? 'TB' : 'LR';
  const cards = data?.cards ?? ALONE;
  const path = useMemo(
    () => wayOf([sourceX, sourceY], [targetX, targetY], cards, direction),
    [sourceX, sourceY, targetX, targetY, cards, direction]
  );
  return (
    <>
      <path className="react-flow__edge-path" d={path} fill="none" markerEnd={markerEnd} />
      <path className="react-flow__edge-interaction" d={path} fill="none" strokeOpacity={0} strokeWidth={14} />
    </>
  );
});

/** The arrowhead of a connection that is picked: it has its line's colour, and stays as large however thick that is. */
export const PickedArrow = ({ id }: { id: string }) => (
  <svg className="jmo-arrow" aria-hidden>
    <marker
      id={id}
      viewBox="-10 -10 20 20"
      markerWidth={24}
      markerHeight={24}
      markerUnits="userSpaceOnUse"
      orient="auto-start-reverse"
    >
      <polyline points="-5,-4 0,0 -5,4 -5,-4" />
    </marker>
  </svg>
);

/** How the state of the step that needs it colours a connection. */
export function edgeLook(state: State | 'none', source: State | 'none'): 'running' | 'error' | 'done' | 'idle' {
  if (state === 'running' || state === 'aborting') {
    return 'running';
  }
  if (state === 'error') {
    return 'error';
  }
  return (state === 'completed' || state === 'cached') && source !== 'none' ? 'done' : 'idle';
}
