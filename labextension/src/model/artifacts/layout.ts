/** Places for the nodes of a lineage, from left to right. Apart, because dagre is fetched with the graph only. */
import * as dagre from '@dagrejs/dagre';
import type { ILineage } from '../contract';
import { wayOf, type ICard } from '../workflow/ways';
import type { Places } from './lineage';

export const NODE = { width: 176, height: 46 };

export interface ILayout {
  places: Places;
  cards: ICard[];
  width: number;
  height: number;
}

export function layOut(graph: ILineage): ILayout {
  const drawn = new dagre.graphlib.Graph();
  drawn.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 46, marginx: 24, marginy: 24 });
  drawn.setDefaultEdgeLabel(() => ({}));
  graph.nodes.forEach(node => drawn.setNode(node.id, { ...NODE }));
  graph.edges
    .filter(edge => drawn.hasNode(edge.source) && drawn.hasNode(edge.target))
    .forEach(edge => drawn.setEdge(edge.source, edge.target));
  dagre.layout(drawn);
  const { width = 0, height = 0 } = drawn.graph();
  const places = new Map(
    graph.nodes.map(({ id }) => {
      const { x, y } = drawn.node(id);
      return [id, { x: x - NODE.width / 2, y: y - NODE.height / 2 }];
    })
  );
  const cards = [...places].map(([id, place]) => ({ id, ...place, ...NODE }));
  return { places, cards, width, height };
}

/** The way of an edge, from the right of one node to the left of another, round those in between. */
export function way({ places, cards }: ILayout, source: string, target: string): string {
  const [from, to] = [places.get(source), places.get(target)];
  return from && to
    ? wayOf([from.x + NODE.width, from.y + NODE.height / 2], [to.x - 2, to.y + NODE.height / 2], cards, 'LR')
    : '';
}
