/** What the pointer and the keys do at a line of the table. */
import { useCallback, useMemo, useRef, type KeyboardEvent, type MouseEvent, type RefObject } from 'react';
import type { IRunRow } from '../../model/contract';
import type { Board } from '../../model/runs/board';
import { isChosen, type ISelection } from '../../model/runs/selection';
import type { Linked } from '../charts';
import { ROW, TICK, type ILineEvents } from './RunLine';

export interface ILinesProps {
  board: Board;
  selection: ISelection;
  onChoose(row: IRunRow, between: IRunRow[] | null): void;
  onOpen(run: string): void;
  onMenu(row: IRunRow, at: { left: number; top: number }): void;
  onDelete(rows: IRunRow[]): void;
  query: RefObject<HTMLInputElement>;
  /** Pointing at a line points at the run in the charts, too. */
  linked: Linked;
}

/** What happens at a line; the same functions as long as the table lives, so that lines needn't be drawn again. */
export function useLineEvents(props: ILinesProps, setCursor: (line: number) => void): ILineEvents {
  const now = useRef(props);
  now.current = props;
  const rowAt = useCallback((line: number): IRunRow | null => {
    const found = now.current.board.line(line);
    return found.type === 'run' ? found.row : null;
  }, []);
  return useMemo(
    () => ({
      point: setCursor,
      open: run => now.current.onOpen(run),
      hover: run => now.current.linked.point(run),
      toggle: line => toggle(now.current.board, line),
      choose: (line, range) => {
        const row = rowAt(line);
        const { board, selection } = now.current;
        const anchor = range && selection.anchor !== null ? board.lineOf(selection.anchor) : -1;
        const [from, to] = [Math.min(anchor, line), Math.max(anchor, line)];
        const between = Array.from({ length: anchor < 0 ? 0 : to - from + 1 }, (_, at) => rowAt(from + at));
        if (row) {
          now.current.onChoose(row, anchor < 0 ? null : between.filter(each => each !== null));
        }
      },
      menu: (line, event: MouseEvent) => {
        const row = rowAt(line);
        const frame = event.currentTarget.closest('.jmo-runs')?.getBoundingClientRect();
        if (row && frame) {
          event.preventDefault();
          event.stopPropagation();
          now.current.onMenu(row, { left: event.clientX - frame.left, top: event.clientY - frame.top });
        }
      }
    }),
    [rowAt, setCursor]
  );
}

function toggle(board: Board, at: number, open?: boolean): void {
  const line = board.line(at);
  if (line.type === 'group') {
    board.toggleGroup(line.group.value, open);
  } else if (line.type === 'run' && line.row.children > 0) {
    board.toggleRun(line.row.id, open ?? !line.open);
  }
}

/** Act on a key at the line under the cursor; returns whether it meant something. */
export function press(
  event: KeyboardEvent<HTMLElement>,
  cursor: number,
  walk: (to: number) => void,
  events: ILineEvents,
  props: ILinesProps
): boolean {
  const line = props.board.line(cursor);
  const page = Math.max(1, Math.floor(event.currentTarget.clientHeight / ROW) - 2);
  const steps: Record<string, number> = {
    ArrowDown: cursor + 1,
    ArrowUp: cursor - 1,
    PageDown: cursor + page,
    PageUp: cursor - page,
    Home: 0,
    End: Infinity
  };
  if (event.key in steps) {
    if (event.key === 'ArrowUp' && cursor === 0) {
      event.currentTarget.querySelector<HTMLElement>('[data-head][tabindex="0"]')?.focus();
      return true;
    }
    walk(steps[event.key]);
    if (event.shiftKey) {
      events.choose(Math.max(0, Math.min(props.board.count - 1, steps[event.key])), true);
    }
    return true;
  }
  switch (event.key) {
    case 'ArrowRight':
    case 'ArrowLeft':
      toggle(props.board, cursor, event.key === 'ArrowRight');
      return true;
    case ' ':
      events.choose(cursor, event.shiftKey);
      return true;
    case 'Enter':
      if (line.type === 'run') {
        props.onOpen(line.row.id);
      } else {
        toggle(props.board, cursor);
      }
      return true;
    case '/':
      props.query.current?.focus();
      return true;
    case 'Delete':
      if (line.type === 'run') {
        props.onDelete(isChosen(props.selection, line.row.id) ? props.selection.rows : [line.row]);
      }
      return true;
    case 'ContextMenu':
    case 'F10':
      if (line.type !== 'run' || (event.key === 'F10' && !event.shiftKey)) {
        return false;
      }
      props.onMenu(line.row, menuPlace(event.currentTarget, cursor));
      return true;
    default:
      return false;
  }
}

function menuPlace(scroller: HTMLElement, cursor: number): { left: number; top: number } {
  const top = scroller.offsetTop + (cursor + 2) * ROW - scroller.scrollTop;
  return { left: TICK + 12, top: Math.max(0, Math.min(top, scroller.offsetTop + scroller.clientHeight)) };
}
