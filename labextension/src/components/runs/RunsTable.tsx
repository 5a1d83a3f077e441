/** The table of runs: as many lines as fit on the screen, walked by arrows, chosen by Space, opened by Enter. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { IRunRow } from '../../model/contract';
import type { Board } from '../../model/runs/board';
import { BEST, lessIsBetter, type IColumn } from '../../model/runs/columns';
import { isChosen } from '../../model/runs/selection';
import { useRunColors } from '../charts';
import { useT } from '../surroundings';
import { press, useLineEvents, type ILinesProps } from './lines';
import { GroupLine, ROW, RunLine, TICK, WaitingLine } from './RunLine';
import { TableHead, type IHeadProps } from './TableHead';

export interface IRunsTableProps extends Omit<IHeadProps, 'stuck' | 'ticked' | 'onTick' | 'onDown'>, ILinesProps {
  /** The rows that were read so far. */
  known: IRunRow[];
  onChooseAll(rows: IRunRow[]): void;
}

export function RunsTable(props: IRunsTableProps) {
  const { board, columns, selection, known } = props;
  const t = useT();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(0);
  const [focused, setFocused] = useState(false);
  const count = board.count;
  const lines = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
    paddingStart: ROW,
    scrollPaddingStart: ROW
  });
  const items = lines.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = (items[items.length - 1]?.index ?? 0) + 1;
  useEffect(() => board.want(first, last));
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 }); // other rows are at the top now
    setCursor(0);
  }, [board]);
  const events = useLineEvents(props, setCursor);
  const walk = (to: number): void => {
    const line = Math.max(0, Math.min(count - 1, to));
    setCursor(line);
    lines.scrollToIndex(line);
  };
  const keys = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target === event.currentTarget && press(event, cursor, walk, events, props)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  const stuck = useMemo(() => stuckAt(columns, props.state.pinned), [columns, props.state.pinned]);
  const bests = useBests(board, columns, props.state);
  const colorOf = useRunColors(selection.rows.map(row => row.id));
  const here = useMemo(() => {
    const ids = new Set(selection.rows.map(row => row.id));
    return ids.size === 0 ? 0 : known.filter(row => ids.has(row.id)).length;
  }, [selection, known]);
  const width = columns.reduce((sum, column) => sum + column.width, TICK);
  return (
    <div
      ref={scroller}
      className="jmo-runs-scroll"
      role="treegrid"
      aria-label={t('Runs')}
      aria-rowcount={count + 1}
      aria-multiselectable
      aria-activedescendant={focused && cursor >= first && cursor < last ? `${id}-${cursor}` : undefined}
      tabIndex={0}
      onFocus={event => setFocused(event.target === event.currentTarget)}
      onBlur={() => setFocused(false)}
      onKeyDown={keys}
      onScroll={event => (board.atTop = event.currentTarget.scrollTop < ROW)}
      style={{ ['--jmo-runs-columns' as string]: [TICK, ...columns.map(column => column.width)].map(px => `${px}px`).join(' ') }}
    >
      <div style={{ height: lines.getTotalSize(), width, minWidth: '100%', position: 'relative' }} role="presentation">
        <TableHead
          {...props}
          stuck={stuck}
          ticked={here === 0 ? false : here === known.length ? true : null}
          onTick={() => props.onChooseAll(here > 0 ? [] : known)}
          onDown={() => scroller.current?.focus()}
        />
        {items.map(({ index, start }) => {
          const line = board.line(index);
          const place = { id: `${id}-${index}`, line: index, top: start, cursor: focused && index === cursor, events };
          if (line.type === 'waiting') {
            return <WaitingLine key={index} line={index} top={start} />;
          }
          if (line.type === 'group') {
            return <GroupLine key={index} {...place} group={line.group} by={board.look.group} open={line.open} />;
          }
          const chosen = isChosen(selection, line.row.id);
          return (
            <RunLine
              key={index}
              {...place}
              {...line}
              columns={columns}
              stuck={stuck}
              longest={board.longest}
              bests={bests}
              chosen={chosen}
              color={chosen ? colorOf(line.row.id).color : null}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Where each pinned column sticks at the left. */
function stuckAt(columns: IColumn[], pinned: string[]): Map<string, number> {
  const found = new Map<string, number>();
  let left = TICK;
  for (const column of columns) {
    if (pinned.includes(column.id)) {
      found.set(column.id, left);
      left += column.width;
    }
  }
  return found;
}

function useBests(board: Board, columns: IColumn[], state: IRunsTableProps['state']): ReadonlyMap<string, number> {
  const { ranges } = board;
  return useMemo(() => {
    const results = columns.filter(
      ({ section, key }) => section === 'results' && key !== BEST && ranges[key] && ranges[key][0] < ranges[key][1]
    );
    return new Map(results.map(column => [column.id, ranges[column.key][lessIsBetter(state, column) ? 0 : 1]]));
  }, [ranges, columns, state]);
}
