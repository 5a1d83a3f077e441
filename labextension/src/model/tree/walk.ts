/** Walking a tree by keyboard, as the WAI-ARIA practices have it. */
import type { INode } from './nodes';

export type Move =
  | { type: 'focus'; id: string }
  | { type: 'expand'; id: string }
  | { type: 'collapse'; id: string }
  | { type: 'open'; id: string };

const PAGE = 10;

/** What a key does at `active`; null when it does nothing here. */
export function walk(rows: INode[], active: string | null, key: string): Move | null {
  if (rows.length === 0) {
    return null;
  }
  const at = Math.max(
    0,
    rows.findIndex(({ id }) => id === active)
  );
  const node = rows[at];
  const to = (index: number): Move => ({ type: 'focus', id: rows[Math.min(Math.max(index, 0), rows.length - 1)].id });
  switch (key) {
    case 'ArrowDown':
      return to(at + 1);
    case 'ArrowUp':
      return to(at - 1);
    case 'PageDown':
      return to(at + PAGE);
    case 'PageUp':
      return to(at - PAGE);
    case 'Home':
      return to(0);
    case 'End':
      return to(rows.length - 1);
    case 'ArrowRight':
      return node.expanded === null ? null : node.expanded ? inside(rows, at) : { type: 'expand', id: node.id };
    case 'ArrowLeft':
      return node.expanded ? { type: 'collapse', id: node.id } : outside(rows, at);
    case 'Enter':
    case ' ':
      return { type: 'open', id: node.id };
    default:
      return null;
  }
}

function inside(rows: INode[], at: number): Move | null {
  const next = rows[at + 1];
  return next && next.level > rows[at].level ? { type: 'focus', id: next.id } : null;
}

function outside(rows: INode[], at: number): Move | null {
  for (let index = at - 1; index >= 0; index -= 1) {
    if (rows[index].level < rows[at].level) {
      return { type: 'focus', id: rows[index].id };
    }
  }
  return null;
}

/** The next row whose label begins with what is typed. The same letter again and again goes through all of them. */
export function typeAhead(rows: INode[], active: string | null, typed: string): string | null {
  const same = typed.length > 1 && [...typed].every(letter => letter === typed[0]);
  const wanted = (same ? typed[0] : typed).toLowerCase();
  const at = rows.findIndex(({ id }) => id === active);
  const from = typed.length === 1 || same ? at + 1 : Math.max(at, 0);
  const turned = [...rows.slice(from), ...rows.slice(0, from)];
  return turned.find(({ label }) => label.toLowerCase().startsWith(wanted))?.id ?? null;
}
