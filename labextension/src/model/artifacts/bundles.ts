/** Many alike in a lineage as one: the iterations of a sweep that took the same table, and the models they gave. */
import type { ILineage } from '../contract';
import { edgeKey, inOrder, type LineageNode } from './lineage';

/** Of so many nodes that are alike each is shown. */
const FEW = 5;

export type ShownNode = LineageNode & {
  /** It stands for so many; its id is none of the project's. */
  many?: number;
};

export interface IShownLineage extends ILineage {
  nodes: ShownNode[];
}

/** The graph with one node for many that came from the same and are called the same; those in `unfolded` are shown one by one. */
export function bundled(graph: ILineage, unfolded: ReadonlySet<string>): IShownLineage {
  const standsFor = new Map<string, string>();
  const alike = new Map<string, LineageNode[]>();
  const ordered = inOrder(graph);
  const sources = new Map<string, string[]>();
  graph.edges.forEach(({ source, target }) => sources.set(target, [...(sources.get(target) ?? []), source]));
  // what came from one bundle is alike too: so level by level, causes first
  for (const level of levels(ordered, sources)) {
    const here = new Map<string, LineageNode[]>();
    for (const node of level.filter(({ focus, type }) => !focus && type !== 'source')) {
      const from = new Set((sources.get(node.id) ?? []).map(id => standsFor.get(id) ?? id));
      const like = JSON.stringify([node.type, node.kind, node.name.replace(/\[\d+\]$/, ''), [...from].sort()]);
      here.set(like, [...(here.get(like) ?? []), node]);
    }
    for (const nodes of here.values()) {
      const id = `bundle:${nodes[0].id}`;
      if (nodes.length > FEW && !unfolded.has(id)) {
        alike.set(id, nodes);
        nodes.forEach(node => standsFor.set(node.id, id));
      }
    }
  }
  if (alike.size === 0) {
    return graph;
  }
  const edges = graph.edges.map(edge => ({
    ...edge,
    source: standsFor.get(edge.source) ?? edge.source,
    target: standsFor.get(edge.target) ?? edge.target
  }));
  return {
    nodes: [...graph.nodes.filter(({ id }) => !standsFor.has(id)), ...[...alike].map(([id, nodes]) => bundle(id, nodes))],
    edges: [...new Map(edges.map(edge => [edgeKey(edge), edge])).values()],
    cut: graph.cut
  };
}

function bundle(id: string, nodes: LineageNode[]): ShownNode {
  const [first] = nodes;
  const state = nodes.find(node => node.state === 'error')?.state ?? first.state;
  return { ...first, id, name: first.name.replace(/\[\d+\]$/, ''), state, many: nodes.length };
}

/** Nodes by how many links they are from the first causes. */
function levels(ordered: LineageNode[], sources: ReadonlyMap<string, string[]>): LineageNode[][] {
  const depth = new Map<string, number>();
  const found: LineageNode[][] = [];
  for (const node of ordered) {
    const at = Math.max(0, ...(sources.get(node.id) ?? []).map(id => (depth.get(id) ?? -1) + 1));
    depth.set(node.id, at);
    (found[at] ??= []).push(node);
  }
  return found;
}
