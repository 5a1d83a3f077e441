/** The graph from far away, where no word can be read: plain cards, and all connections as a few paths. Thousands of elements less. */
import { ViewportPortal, type ReactFlowState } from '@xyflow/react';
import { useMemo } from 'react';
import type { Direction } from '../../../model/workflow/layout';
import { wayOf } from '../../../model/workflow/ways';
import type { FlowEdgeType } from './FlowEdge';
import { heightOf, WIDTH } from './handles';
import type { StepNodeType } from './stepData';

const FAR = 0.3;

export const isFar = (state: Pick<ReactFlowState, 'transform'>): boolean => state.transform[2] < FAR;

export function FarEdges({ nodes, edges, direction }: { nodes: StepNodeType[]; edges: FlowEdgeType[]; direction: Direction }) {
  const paths = useMemo(() => {
    const places = new Map(nodes.map(node => [node.id, { ...node.position, height: heightOf(node.data.ports, direction) }]));
    const found = new Map<string, string[]>();
    const drawn = new Set<string>();
    for (const { source, target, className = '' } of edges) {
      const [from, to] = [places.get(source), places.get(target)];
      const pair = `${source} ${target}`;
      if (from && to && !drawn.has(pair)) {
        drawn.add(pair);
        const look = className.split(' ')[0];
        const there = found.get(look) ?? [];
        there.push(curve(from, to, direction));
        found.set(look, there);
      }
    }
    return [...found];
  }, [nodes, edges, direction]);
  return (
    <ViewportPortal>
      <svg className="jmo-far-edges" aria-hidden>
        {paths.map(([look, curves]) => (
          <path key={look} className={look} d={curves.join('')} />
        ))}
      </svg>
    </ViewportPortal>
  );
}

type Box = { x: number; y: number; height: number };

function curve(from: Box, to: Box, direction: Direction): string {
  return direction === 'LR'
    ? wayOf([from.x + WIDTH, from.y + from.height / 2], [to.x, to.y + to.height / 2], [], direction)
    : wayOf([from.x + WIDTH / 2, from.y + from.height], [to.x + WIDTH / 2, to.y], [], direction);
}
