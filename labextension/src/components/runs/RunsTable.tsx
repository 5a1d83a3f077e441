/** The table itself: a header that sorts, and as many rows as fit on the screen. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useRef, type KeyboardEvent } from 'react';
import type { IRunRow } from '../../model/contract';
import type { IColumn } from '../../model/runs/columns';
import type { RunList } from '../../model/runs/list';
import { useT } from '../surroundings';
import { Cell } from './Cell';

const ROW = 30;

export interface IRunsTableProps {
  list: RunList;
  columns: IColumn[];
  sort: { by: string; descending: boolean };
  onSort(by: string): void;
  chosen: ReadonlySet<string>;
  onChoose(run: string, chosen: boolean): void;
  onOpen(run: string): void;
}

export function RunsTable({ list, columns, sort, onSort, chosen, onChoose, onOpen }: IRunsTableProps) {
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: list.total ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12
  });
  const shown = rows.getVirtualItems();
  if (shown.length > 0) {
    queueMicrotask(() => list.want(shown[0].index, shown[shown.length - 1].index + 1));
  }
  const width = columns.reduce((sum, column) => sum + column.width, 34);
  return (
    <div ref={scroller} className="jmo-runs-scroll" role="grid" aria-label={t('Runs')} aria-rowcount={(list.total ?? 0) + 1}>
      <div className="jmo-runs-head" role="row" style={{ width }}>
        <span className="jmo-runs-tick" role="columnheader" aria-label={t('Chosen')} />
        {columns.map(column => (
          <span
            key={column.id}
            role="columnheader"
            aria-sort={sort.by === column.id ? (sort.descending ? 'descending' : 'ascending') : 'none'}
            className={`jmo-runs-cell jmo-in-${column.section}`}
            style={{ width: column.width }}
          >
            <button type="button" onClick={() => onSort(column.id)}>
              {titleOf(column, t)}
              {sort.by !== column.id ? null : sort.descending ? (
                <ArrowDown size={12} aria-hidden />
              ) : (
                <ArrowUp size={12} aria-hidden />
              )}
            </button>
          </span>
        ))}
      </div>
      <div style={{ height: rows.getTotalSize(), width, position: 'relative' }} role="presentation">
        {shown.map(item => (
          <Row
            key={item.index}
            top={item.start}
            index={item.index}
            row={list.row(item.index)}
            columns={columns}
            longest={list.longest}
            chosen={chosen}
            onChoose={onChoose}
            onOpen={onOpen}
          />
        ))}
      </div>
    </div>
  );
}

interface IRowProps extends Pick<IRunsTableProps, 'columns' | 'chosen' | 'onChoose' | 'onOpen'> {
  row: IRunRow | undefined;
  index: number;
  top: number;
  longest: number;
}

function Row({ row, index, top, columns, longest, chosen, onChoose, onOpen }: IRowProps) {
  const t = useT();
  const style = { transform: `translateY(${top}px)`, height: ROW };
  if (row === undefined) {
    return <div className="jmo-runs-row jmo-runs-waiting" role="row" aria-rowindex={index + 2} style={style} />;
  }
  const picked = chosen.has(row.id);
  const keys = (event: KeyboardEvent): void => {
    if (event.key === ' ') {
      event.preventDefault();
      onChoose(row.id, !picked);
    }
  };
  return (
    <div className="jmo-runs-row" role="row" aria-rowindex={index + 2} aria-selected={picked} style={style} onKeyDown={keys}>
      <span className="jmo-runs-tick" role="gridcell">
        <input
          type="checkbox"
          checked={picked}
          aria-label={t('Choose %1', row.name)}
          onChange={event => onChoose(row.id, event.target.checked)}
        />
      </span>
      {columns.map(column => (
        <span
          key={column.id}
          role="gridcell"
          className={`jmo-runs-cell jmo-in-${column.section}${typeof valueIn(row, column) === 'number' ? ' jmo-num' : ''}`}
          style={{ width: column.width }}
        >
          {column.id === 'name' ? (
            <button type="button" className="jmo-runs-name" onClick={() => onOpen(row.id)}>
              {row.name}
            </button>
          ) : (
            <Cell row={row} column={column} longest={longest} />
          )}
        </span>
      ))}
    </div>
  );
}

const valueIn = (row: IRunRow, column: IColumn): unknown => (column.section === 'about' ? null : row[column.section][column.key]);

/** A column's title; keys of the project stand as they are. */
export function titleOf(column: IColumn, t: (text: string) => string): string {
  const words: Record<string, string> = {
    name: t('Run'),
    state: t('State'),
    created: t('Created'),
    duration: t('Duration'),
    function: t('Function'),
    workflow: t('Workflow'),
    step: t('Step'),
    iteration: t('Iteration'),
    started: t('Started'),
    ended: t('Ended'),
    version: t('Version'),
    user: t('User'),
    host: t('Host'),
    origin: t('Origin'),
    reason: t('Reason'),
    id: t('Id')
  };
  return column.section === 'about' ? (words[column.key] ?? column.key) : column.key;
}
