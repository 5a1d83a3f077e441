/** A layout for large graphs, in a few milliseconds: layers by the longest way, ordered within each by the neighbours' middle. */
import type { Place } from './edits';

export type Direction = 'LR' | 'TB';

export interface INodeSize {
  id: string;
  width: number;
  height: number;
}

type Ends = { source: string; target: string };

const ROUNDS = 6;

export function layered(
  nodes: readonly INodeSize[],
  edges: readonly Ends[],
  direction: Direction,
  gap: { nodesep: number; ranksep: number }
): Record<string, Place> {
  const before = neighbours(nodes, edges, ({ source, target }) => [target, source]);
  const after = neighbours(nodes, edges, ({ source, target }) => [source, target]);
  const layers = inLayers(nodes, before);
  for (let round = 0; round < ROUNDS; round += 1) {
    const forth = round % 2 === 0;
    const order = new Map(layers.flatMap(layer => layer.map(({ id }, at) => [id, at / layer.length] as const)));
    for (const layer of forth ? layers : [...layers].reverse()) {
      const middle = new Map(
        layer.map(({ id }) => [id, mean(forth ? before.get(id)! : after.get(id)!, order) ?? order.get(id)!])
      );
      layer.sort((one, other) => middle.get(one.id)! - middle.get(other.id)!);
      layer.forEach(({ id }, at) => order.set(id, at / layer.length));
    }
  }
  const across = ({ width, height }: INodeSize) => (direction === 'LR' ? height : width) + gap.nodesep;
  const along = ({ width, height }: INodeSize) => (direction === 'LR' ? width : height);
  const places: Record<string, Place> = {};
  let start = 0;
  for (const layer of layers) {
    let at = -layer.reduce((sum, node) => sum + across(node), 0) / 2;
    for (const node of layer) {
      places[node.id] = direction === 'LR' ? [Math.round(start), Math.round(at)] : [Math.round(at), Math.round(start)];
      at += across(node);
    }
    start += Math.max(...layer.map(along)) + gap.ranksep;
  }
  return places;
}

function neighbours(
  nodes: readonly INodeSize[],
  edges: readonly Ends[],
  ends: (edge: Ends) => [string, string]
): Map<string, Set<string>> {
  const found = new Map(nodes.map(({ id }) => [id, new Set<string>()]));
  for (const edge of edges) {
    const [of, other] = ends(edge);
    if (of !== other && found.has(other)) {
      found.get(of)?.add(other);
    }
  }
  return found;
}

/** Each node behind all that it needs; nodes on a cycle where they are reached first. */
function inLayers(nodes: readonly INodeSize[], before: ReadonlyMap<string, Set<string>>): INodeSize[][] {
  const rank = new Map<string, number>();
  const visit = (id: string, above: Set<string>): number => {
    const known = rank.get(id);
    if (known !== undefined || above.has(id)) {
      return known ?? 0;
    }
    above.add(id);
    const own = Math.max(-1, ...[...before.get(id)!].map(source => visit(source, above))) + 1;
    above.delete(id);
    rank.set(id, own);
    return own;
  };
  const layers: INodeSize[][] = [];
  for (const node of nodes) {
    const at = visit(node.id, new Set());
    (layers[at] ??= []).push(node);
  }
  return layers.filter(Boolean);
}

function mean(ids: ReadonlySet<string>, order: ReadonlyMap<string, number>): number | null {
  return ids.size === 0 ? null : [...ids].reduce((sum, id) => sum + (order.get(id) ?? 0), 0) / ids.size;
}
