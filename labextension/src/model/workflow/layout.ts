/** Where nodes stand: where the file says, else where dagre puts them. */
import { Graph, layout } from '@dagrejs/dagre';
import type { Place } from './edits';
import type { IEdge } from './graph';
import { layered, type Direction, type INodeSize } from './layers';

export type { Direction, INodeSize };

/** Above that many nodes dagre takes too long to wait for. */
const MANY = 60;

const GAP = { LR: { nodesep: 26, ranksep: 64 }, TB: { nodesep: 28, ranksep: 44 } };

/** The upper left corner of each node. */
export function arranged(
  nodes: readonly INodeSize[],
  edges: readonly Pick<IEdge, 'source' | 'target'>[],
  direction: Direction
): Record<string, Place> {
  if (nodes.length > MANY) {
    return layered(nodes, edges, direction, GAP[direction]);
  }
  const graph = new Graph();
  graph.setGraph({ rankdir: direction, marginx: 0, marginy: 0, ...GAP[direction] });
  graph.setDefaultEdgeLabel(() => ({}));
  nodes.forEach(({ id, width, height }) => graph.setNode(id, { width, height }));
  edges.filter(({ source, target }) => source !== target).forEach(({ source, target }) => graph.setEdge(source, target));
  layout(graph);
  const middles = nodes.map(({ id }) => graph.node(id) as { x: number; y: number });
  const across = middles.map(({ x, y }) => (direction === 'LR' ? y : x));
  const mirror = isReversed(across) ? Math.max(...across) + Math.min(...across) : null;
  return Object.fromEntries(
    nodes.map(({ id, width, height }, at) => {
      const turned = mirror === null ? across[at] : mirror - across[at];
      const [x, y] = direction === 'LR' ? [middles[at].x, turned] : [turned, middles[at].y];
      return [id, [Math.round(x - width / 2), Math.round(y - height / 2)]];
    })
  );
}

/** Whether what stands first in the file stands last here: the mirrored layout is as good, and reads in order. */
function isReversed(across: readonly number[]): boolean {
  let order = 0;
  for (let at = 1; at < across.length; at += 1) {
    order += Math.sign(across[at] - across[at - 1]);
  }
  return order < 0;
}

/** The direction that shows the graph larger in a view of that size, by its ranks alone. */
export function better(
  ranks: ReadonlyMap<string, number>,
  node: { width: number; height: number },
  view: { width: number; height: number }
): Direction {
  const counts = new Map<number, number>();
  ranks.forEach(rank => counts.set(rank, (counts.get(rank) ?? 0) + 1));
  const long = Math.max(1, counts.size);
  const wide = Math.max(1, ...counts.values());
  const zoom = (width: number, height: number) => Math.min(view.width / width, view.height / height, 1);
  const row = zoom(long * (node.width + GAP.LR.ranksep), wide * (node.height + GAP.LR.nodesep));
  const column = zoom(wide * (node.width + GAP.TB.nodesep), long * (node.height + GAP.TB.ranksep));
  return column > row ? 'TB' : 'LR';
}

/** The direction in which nodes that have their places are connected; null when that can't be told. */
export function directionOf(places: Record<string, Place>, edges: readonly Pick<IEdge, 'source' | 'target'>[]): Direction | null {
  let along = 0;
  let down = 0;
  for (const { source, target } of edges) {
    const [from, to] = [places[source], places[target]];
    if (from && to) {
      along += to[0] - from[0];
      down += to[1] - from[1];
    }
  }
  return along === 0 && down === 0 ? null : down > along ? 'TB' : 'LR';
}

/** Every node's place: as given, or beside those that have theirs as an automatic layout would have it. */
export function placed(
  given: Record<string, Place>,
  nodes: readonly INodeSize[],
  edges: readonly Pick<IEdge, 'source' | 'target'>[],
  direction: Direction
): Record<string, Place> {
  const missing = nodes.filter(({ id }) => !given[id]);
  if (missing.length === 0) {
    return Object.fromEntries(nodes.map(({ id }) => [id, given[id]]));
  }
  const auto = arranged(nodes, edges, direction);
  const anchors = nodes.filter(({ id }) => given[id]);
  if (anchors.length === 0) {
    return auto;
  }
  const found: Record<string, Place> = Object.fromEntries(anchors.map(({ id }) => [id, given[id]]));
  for (const node of missing) {
    const near = neighbour(node.id, edges, found) ?? anchors[anchors.length - 1].id;
    const beside: Place = [found[near][0] + auto[node.id][0] - auto[near][0], found[near][1] + auto[node.id][1] - auto[near][1]];
    found[node.id] = free(
      behind(node, nodes, edges, found, direction) ?? beside,
      node,
      nodes.filter(({ id }) => found[id]),
      found,
      direction
    );
  }
  return found;
}

/** Where a node stands that ends the ways from several others: behind all of them, in their middle. */
function behind(
  { id, width, height }: INodeSize,
  nodes: readonly INodeSize[],
  edges: readonly Pick<IEdge, 'source' | 'target'>[],
  places: Record<string, Place>,
  direction: Direction
): Place | null {
  const names = new Set(edges.filter(({ target }) => target === id).map(({ source }) => source));
  const sources = nodes.filter(node => names.has(node.id) && places[node.id]);
  if (sources.length < 2 || edges.some(({ source }) => source === id)) {
    return null;
  }
  const middle = (of: (node: INodeSize) => number): number => sources.reduce((sum, node) => sum + of(node), 0) / sources.length;
  const end = (of: (node: INodeSize) => number): number => Math.max(...sources.map(of)) + GAP[direction].ranksep;
  const [x, y] =
    direction === 'LR'
      ? [end(node => places[node.id][0] + node.width), middle(node => places[node.id][1] + node.height / 2) - height / 2]
      : [middle(node => places[node.id][0] + node.width / 2) - width / 2, end(node => places[node.id][1] + node.height)];
  return [Math.round(x), Math.round(y)];
}

/** The nearest place to `wanted` where a node covers no other. */
export function free(
  wanted: Place,
  size: { width: number; height: number },
  others: readonly INodeSize[],
  places: Record<string, Place>,
  direction: Direction
): Place {
  const place: Place = [wanted[0], wanted[1]];
  const covers = ({ id, width, height }: INodeSize) =>
    place[0] < places[id][0] + width + 12 &&
    place[0] + size.width + 12 > places[id][0] &&
    place[1] < places[id][1] + height + 12 &&
    place[1] + size.height + 12 > places[id][1];
  for (let other = others.find(covers); other; other = others.find(covers)) {
    if (direction === 'LR') {
      place[1] = places[other.id][1] + other.height + GAP.LR.nodesep;
    } else {
      place[0] = places[other.id][0] + other.width + GAP.TB.nodesep;
    }
  }
  return place;
}

function neighbour(id: string, edges: readonly Pick<IEdge, 'source' | 'target'>[], places: Record<string, Place>): string | null {
  for (const { source, target } of edges) {
    if (target === id && places[source]) {
      return source;
    }
    if (source === id && places[target]) {
      return target;
    }
  }
  return null;
}
