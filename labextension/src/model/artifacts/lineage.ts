/** The graph of what came from what: grown on demand, walked with arrow keys, told as text. */
import type { ILineage } from '../contract';

export type LineageNode = ILineage['nodes'][number];
export type LineageEdge = ILineage['edges'][number];

/** Where a node's top left corner is. */
export type Places = ReadonlyMap<string, { x: number; y: number }>;

/** Both graphs as one; the focus stays that of the first. */
export function grown(graph: ILineage, more: ILineage): ILineage {
  const have = new Set(graph.nodes.map(node => node.id));
  const edges = new Map([...graph.edges, ...more.edges].map(edge => [edgeKey(edge), edge]));
  return {
    nodes: [...graph.nodes, ...more.nodes.filter(node => !have.has(node.id)).map(node => ({ ...node, focus: false }))],
    edges: [...edges.values()],
    cut: graph.cut
  };
}

export const edgeKey = (edge: LineageEdge): string => JSON.stringify([edge.source, edge.target, edge.name]);

/** Everything that a node came from, or that came from it; and itself. */
export function related(graph: ILineage, id: string): ReadonlySet<string> {
  const found = new Set([id]);
  for (const [from, to] of [
    ['source', 'target'],
    ['target', 'source']
  ] as const) {
    const waiting = [id];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for (const edge of graph.edges) {
        if (edge[from] === at && !found.has(edge[to])) {
          found.add(edge[to]);
          waiting.push(edge[to]);
        }
      }
    }
  }
  return found;
}

/** Where an arrow key leads: left to what a node came from, right to what came from it, up and down among its neighbours. */
export function neighbour(graph: ILineage, places: Places, id: string, key: string): string | null {
  const here = places.get(id);
  if (!here) {
    return null;
  }
  const y = (other: string) => places.get(other)?.y ?? 0;
  const nearest = (others: string[]) =>
    others.reduce<string | null>(
      (best, other) => (best === null || Math.abs(y(other) - here.y) < Math.abs(y(best) - here.y) ? other : best),
      null
    );
  const column = () => [...places.keys()].filter(other => Math.abs((places.get(other)?.x ?? 0) - here.x) < 1);
  switch (key) {
    case 'ArrowLeft':
      return nearest(graph.edges.filter(edge => edge.target === id).map(edge => edge.source));
    case 'ArrowRight':
      return nearest(graph.edges.filter(edge => edge.source === id).map(edge => edge.target));
    case 'ArrowUp':
      return nearest(column().filter(other => y(other) < here.y));
    case 'ArrowDown':
      return nearest(column().filter(other => y(other) > here.y));
    default:
      return null;
  }
}

export interface ILink {
  node: LineageNode;
  /** The names of the inputs or outputs that link them. */
  as: string[];
}

/** The nodes before and after each, for the list. */
export function links(graph: ILineage, id: string): { from: ILink[]; to: ILink[] } {
  const nodes = new Map(graph.nodes.map(node => [node.id, node]));
  const gather = (mine: 'source' | 'target', other: 'source' | 'target') => {
    const found = new Map<string, ILink>();
    for (const edge of graph.edges) {
      const node = nodes.get(edge[other]);
      if (edge[mine] === id && node) {
        found.set(node.id, { node, as: [...(found.get(node.id)?.as ?? []), edge.name] });
      }
    }
    return [...found.values()];
  };
  return { from: gather('target', 'source'), to: gather('source', 'target') };
}

/** From the first causes on: each node after all that it came from. */
export function inOrder(graph: ILineage): LineageNode[] {
  const left = new Map(graph.nodes.map(node => [node.id, graph.edges.filter(edge => edge.target === node.id).length]));
  const ready = graph.nodes.filter(node => left.get(node.id) === 0);
  const done: LineageNode[] = [];
  for (let node = ready.shift(); node; node = ready.shift()) {
    done.push(node);
    for (const edge of graph.edges.filter(edge => edge.source === node?.id)) {
      const waits = (left.get(edge.target) ?? 0) - 1;
      left.set(edge.target, waits);
      const next = graph.nodes.find(other => other.id === edge.target);
      if (waits === 0 && next) {
        ready.push(next);
      }
    }
  }
  return done.length === graph.nodes.length ? done : graph.nodes;
}
