/** A table, row by row as it comes into view; sorting and statistics are the server's. */
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { columnsIn, firstRow, HEIGHT, offsetOf, spread } from '../../model/artifacts/window';
import { isNumeric, nextOrder, Pages, type IOrder } from '../../model/artifacts/table';
import type { ITableColumn, Json } from '../../model/contract';
import { number } from '../../model/format';
import type { IHost } from '../../model/host';
import { useBackend, useT } from '../surroundings';
import { Empty, Loading, Problem } from '../ui';
import { ColumnHead } from './ColumnHead';

export function TablePreview({ uid }: { uid: string }) {
  const t = useT();
  const backend = useBackend();
  const [order, setOrder] = useState<IOrder | null>(null);
  const [turn, again] = useReducer((n: number) => n + 1, 0);
  const known = useRef<ITableColumn[]>([]);
  const pages = useMemo(
    () =>
      new Pages(
        (offset, limit) =>
          backend.call('artifacts.table', {
            uid,
            offset,
            limit,
            ...(order ? { sort: order.by, descending: order.descending } : {})
          }),
        again
      ),
    [backend, uid, order]
  );
  useEffect(() => pages.need(0, 0), [pages]);
  known.current = pages.columns.length > 0 ? pages.columns : known.current;
  const columns = known.current;
  if (pages.error && !pages.started) {
    return <Problem error={pages.error} retry={() => pages.need(0, 0)} />;
  }
  if (columns.length === 0) {
    return pages.started ? <Empty title={t('A table without columns')} /> : <Loading />;
  }
  return (
    <div className="jmo-sheet">
      {pages.error ? <Problem error={pages.error} retry={() => pages.need(0, pages.total)} /> : null}
      <Rows pages={pages} turn={turn} columns={columns} order={order} onSort={name => setOrder(nextOrder(order, name))} />
      <footer className="jmo-sheet-foot jmo-muted jmo-num" role="status">
        {pages.started ? extent(pages, columns.length, t) : t('Sorting…')}
      </footer>
    </div>
  );
}

function extent({ total, all }: Pages, columns: number, t: IHost['t']): string {
  const wide = columns === 1 ? t('1 column') : t('%1 columns', columns);
  return all === null
    ? `${total === 1 ? t('1 row') : t('%1 rows', number(total))} · ${wide}`
    : `${t('The first %1 of %2 rows', number(total), number(all))} · ${wide}`;
}

interface IRowsProps {
  pages: Pages;
  /** Changes when a page came in. */
  turn: number;
  columns: ITableColumn[];
  order: IOrder | null;
  onSort(column: string): void;
}

function Rows({ pages, columns, order, onSort }: IRowsProps) {
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600, left: 0, width: 1200 });
  useEffect(() => {
    const node = scroller.current;
    const look = () => node && setView(viewOf(node));
    const observer = new ResizeObserver(look);
    if (node) {
      observer.observe(node);
    }
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    scroller.current?.scrollTo?.({ top: 0 });
  }, [pages]);
  const count = Math.ceil(view.height / HEIGHT) + 10;
  const first = firstRow(view.top, view.height, pages.total);
  const last = Math.min(pages.total, first + count);
  useEffect(() => pages.need(first, last), [pages, first, last]);
  const indexes = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
  // the head and each row are grids of their own: only a width that doesn't depend on what is in them keeps them in line
  const widths = useWidths(pages, columns);
  const template = { gridTemplateColumns: `56px ${widths.map(width => `minmax(${width}px, 1fr)`).join(' ')}` };
  const described = columns.some(({ type, histogram }) => type !== '' || histogram !== null);
  const minWidth = widths.reduce((sum, width) => sum + width, 56);
  const [from, to] = columnsIn(widths, view.left, view.width);
  return (
    <div
      ref={scroller}
      className="jmo-sheet-scroll"
      role="table"
      aria-label={t('Table')}
      aria-rowcount={pages.total + 1}
      aria-colcount={columns.length + 1}
      tabIndex={0}
      onScroll={event => setView(viewOf(event.currentTarget))}
    >
      <div role="rowgroup" className="jmo-sheet-head" style={{ minWidth }}>
        <div role="row" className="jmo-sheet-row" style={template} aria-rowindex={1}>
          <span role="columnheader" className="jmo-sheet-index" aria-label={t('Row')} />
          {columns.slice(from, to).map((column, at) => (
            <ColumnHead
              key={column.name}
              column={column}
              at={from + at + 2}
              rows={pages.total}
              described={described}
              order={order}
              onSort={() => onSort(column.name)}
            />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="jmo-sheet-body" style={{ height: spread(pages.total), minWidth }}>
        <div role="presentation" style={{ transform: `translateY(${offsetOf(first, view.top, view.height, pages.total)}px)` }}>
          {indexes.map(index => (
            <div key={index} role="row" className="jmo-sheet-row" style={template} aria-rowindex={index + 2}>
              <span role="rowheader" className="jmo-sheet-index jmo-num">
                {index}
              </span>
              <Cells row={pages.row(index)} columns={columns} from={from} to={to} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

const viewOf = ({ scrollTop, clientHeight, scrollLeft, clientWidth }: HTMLElement) => ({
  ...{ top: scrollTop, height: clientHeight || 600 },
  ...{ left: scrollLeft, width: clientWidth || 1200 }
});

const SAMPLE = 30; // rows

/** How wide the columns are at least: as what stands in the first rows asks for; another order moves none. */
function useWidths(pages: Pages, columns: ITableColumn[]): number[] {
  const known = useRef<{ names: string; widths: number[] } | null>(null);
  const names = columns.map(({ name }) => name).join('\n');
  if (pages.row(0) !== null && known.current?.names !== names) {
    const texts = (at: number) => Array.from({ length: SAMPLE }, (_, row) => cellText(pages.row(row)?.[at] ?? ''));
    const widths = columns.map(({ name }, at) => {
      const longest = Math.max(name.length, ...texts(at).map(text => text.length));
      return Math.round(Math.min(260, Math.max(128, 26 + 8 * longest)));
    });
    known.current = { names, widths };
  }
  return known.current?.names === names ? known.current.widths : columns.map(() => 128);
}

interface ICellsProps {
  row: Json[] | null;
  columns: ITableColumn[];
  /** The columns that are drawn, `to` without. */
  from: number;
  to: number;
}

function Cells({ row, columns, from, to }: ICellsProps) {
  return (
    <>
      {columns.slice(from, to).map((column, place) => {
        const at = from + place;
        const value = row?.[at];
        const right = typeof value === 'number' || isNumeric(column.type);
        const text = row === null ? '' : cellText(value);
        return (
          <span
            key={at}
            role="cell"
            aria-colindex={at + 2}
            style={{ gridColumn: at + 2 }}
            title={row === null ? undefined : whole(value)}
            className={cellClass(row, value, right)}
          >
            {text}
          </span>
        );
      })}
    </>
  );
}

const cellClass = (row: Json[] | null, value: Json | undefined, right: boolean): string =>
  `jmo-sheet-cell${right ? ' jmo-right jmo-num' : ''}${row === null ? ' jmo-coming' : value === null ? ' jmo-null' : ''}`;

const whole = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

function cellText(value: Json | undefined): string {
  if (value === null || value === undefined) {
    return 'null';
  }
  if (typeof value === 'number' && !Number.isInteger(value)) {
    return String(Number(value.toPrecision(7)));
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
