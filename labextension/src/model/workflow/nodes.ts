/** What the nodes of a parsed text know of themselves. */
import { isCollection, isPair, isScalar } from 'yaml';
import type { Node, Pair, YAMLMap } from 'yaml';

export const rangeOf = (node: unknown): [number, number, number] | null =>
  typeof node === 'object' && node !== null && 'range' in node ? ((node.range as [number, number, number] | null) ?? null) : null;

export const startOf = (pair: Pair): number => rangeOf(pair.key)?.[0] ?? 0;

export const nameOf = (pair: Pair): string => String(isScalar(pair.key) ? (pair.key.source ?? pair.key.value) : pair.key);

export function pairOf(map: YAMLMap, key: string): Pair<Node, Node | null> | null {
  return (map.items.find(pair => nameOf(pair) === key) as Pair<Node, Node | null> | undefined) ?? null;
}

/** The first pair whose key its group has already. */
export function doubled(node: unknown): Pair | null {
  const seen = new Set<string>();
  for (const item of isCollection(node) ? node.items : []) {
    if (isPair(item) && seen.has(nameOf(item))) {
      return item;
    }
    if (isPair(item)) {
      seen.add(nameOf(item));
    }
    const within = doubled(isPair(item) ? item.value : item);
    if (within) {
      return within;
    }
  }
  return null;
}
