/** The lines of the table of runs: lists, laid out with the children of open runs between their rows, and heads of groups before. */
import type { IRunRow } from '../contract';
import type { IGroup } from './groups';
import type { RunList } from './list';

export type Line =
  | { type: 'group'; group: IGroup; open: boolean }
  | { type: 'run'; row: IRunRow; depth: number; open: boolean }
  | { type: 'waiting'; depth: number };

export interface ISegment {
  group: IGroup | null;
  list: RunList;
  open: boolean;
}
export type Piece =
  { type: 'group'; segment: ISegment; size: 1 } | { type: 'rows'; list: RunList; from: number; depth: number; size: number };

/** The children of the runs that are open, by the run. */
type Children = ReadonlyMap<string, RunList>;

export const piecesOf = (segments: readonly ISegment[], open: Children): Piece[] =>
  segments.flatMap(segment => {
    const head: Piece[] = segment.group ? [{ type: 'group', segment, size: 1 }] : [];
    return segment.open ? [...head, ...rowsOf(segment.list, segment.group ? 1 : 0, segment.group?.count ?? 0, open)] : head;
  });

/** The rows of a list, with the children of its open runs between them. */
function rowsOf(list: RunList, depth: number, guess: number, open: Children): Piece[] {
  const total = list.total ?? Math.min(guess, 3);
  const cuts = [...open]
    .map(([run, children]) => ({ at: list.indexOf(run), children, guess: list.row(list.indexOf(run))?.children ?? 1 }))
    .filter(cut => cut.at >= 0)
    .sort((a, b) => a.at - b.at);
  const pieces: Piece[] = [];
  let from = 0;
  for (const cut of cuts) {
    pieces.push(
      { type: 'rows', list, from, depth, size: cut.at + 1 - from },
      ...rowsOf(cut.children, depth + 1, cut.guess, open)
    );
    from = cut.at + 1;
  }
  return [...pieces, { type: 'rows', list, from, depth, size: Math.max(0, total - from) }];
}

export function lineAt(pieces: readonly Piece[], at: number, open: Children): Line {
  let left = at;
  for (const piece of pieces) {
    if (left < piece.size) {
      return piece.type === 'group'
        ? { type: 'group', group: piece.segment.group!, open: piece.segment.open }
        : runLine(piece.list.row(piece.from + left), piece.depth, open);
    }
    left -= piece.size;
  }
  return { type: 'waiting', depth: 0 };
}

const runLine = (row: IRunRow | undefined, depth: number, open: Children): Line =>
  row === undefined ? { type: 'waiting', depth } : { type: 'run', row, depth, open: open.has(row.id) };

/** Where a run stands, or -1. */
export function lineOf(pieces: readonly Piece[], run: string): number {
  let before = 0;
  for (const piece of pieces) {
    const at = piece.type === 'rows' ? piece.list.indexOf(run) - piece.from : -1;
    if (at >= 0 && at < piece.size) {
      return before + at;
    }
    before += piece.size;
  }
  return -1;
}

/** Have the rows read that stand from one line to another. */
export function want(pieces: readonly Piece[], from: number, to: number): void {
  let before = 0;
  for (const piece of pieces) {
    const first = Math.max(from - before, 0);
    const last = Math.min(to - before, piece.size);
    if (piece.type === 'rows' && first < last) {
      piece.list.want(piece.from + first, piece.from + last);
    }
    before += piece.size;
  }
}
