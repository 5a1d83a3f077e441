/** How runs are grouped: under their parent, not at all, or by what they have in common. */
import type { Answer } from '../contract';
import { literal, tagClause } from './query';

/** `tag:NAME` groups by the value of a tag. */
export type Group = 'tree' | 'none' | 'function' | 'workflow' | 'state' | `tag:${string}`;
export type IGroup = Answer<'runs.summary'>['groups'][number];

/** The condition that the runs of a group fit. */
export function groupClause(group: Group, value: string | null): string {
  if (group.startsWith('tag:')) {
    const key = group.slice(4);
    return value === null ? `id NOT IN (SELECT run FROM tags WHERE key = ${literal(key)})` : tagClause(key, value);
  }
  return value === null ? `${group} IS NULL` : `${group} = ${literal(value)}`;
}

export const isGroup = (text: string | null): text is Group =>
  text !== null && (['tree', 'none', 'function', 'workflow', 'state'].includes(text) || text.startsWith('tag:'));
