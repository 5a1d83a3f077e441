/** Artifacts as a list: by kind, narrowed by words. */
import type { IArtifactGroup, Kind } from '../contract';

export const KINDS: Kind[] = ['dataset', 'model', 'table', 'plot', 'file', 'dir'];

/** Whether each word is in the key, the type, a tag, the Function or the run. */
export function fits(group: IArtifactGroup, query: string): boolean {
  const { latest } = group;
  const text = [group.key, latest.type, latest.function ?? '', latest.run ?? '', ...group.tags].join(' ').toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

export function countKinds(groups: IArtifactGroup[]): Map<Kind, number> {
  const counts = new Map<Kind, number>();
  groups.forEach(group => counts.set(group.kind, (counts.get(group.kind) ?? 0) + 1));
  return counts;
}

export type GroupOrder = 'key' | 'versions' | 'size' | 'created';

const VALUE: Record<GroupOrder, (group: IArtifactGroup) => string | number> = {
  key: group => group.key,
  versions: group => group.versions,
  size: group => group.latest.size,
  created: group => group.latest.created
};

export function sortGroups(groups: IArtifactGroup[], by: GroupOrder, descending: boolean): IArtifactGroup[] {
  const value = VALUE[by];
  const sign = descending ? -1 : 1;
  return [...groups].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    return x < y ? -sign : x > y ? sign : a.key < b.key ? -1 : 1;
  });
}
