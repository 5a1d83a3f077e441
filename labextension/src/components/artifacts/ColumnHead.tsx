/** The head of a column: its name sorts; its type, missing values and distribution stand below. */
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { IOrder } from '../../model/artifacts/table';
import type { ITableColumn } from '../../model/contract';
import { number, shown } from '../../model/format';
import { useT } from '../surroundings';

interface IProps {
  column: ITableColumn;
  /** Its place in the row, from 1. */
  at: number;
  rows: number;
  /** Whether anything is known of the columns but their names. */
  described: boolean;
  order: IOrder | null;
  onSort(): void;
}

export function ColumnHead({ column, at, rows, described, order, onSort }: IProps) {
  const t = useT();
  const sorted = order?.by === column.name;
  const Arrow = order?.descending ? ArrowDown : ArrowUp;
  return (
    <div
      role="columnheader"
      className="jmo-column"
      aria-colindex={at}
      style={{ gridColumn: at }}
      aria-sort={sorted ? (order.descending ? 'descending' : 'ascending') : undefined}
      title={facts(column, t)}
    >
      <button type="button" onClick={onSort}>
        <span className="jmo-clip">{column.name}</span>
        {sorted ? <Arrow size={11} aria-hidden /> : null}
      </button>
      {described ? <Description column={column} rows={rows} /> : null}
    </div>
  );
}

function Description({ column, rows }: { column: ITableColumn; rows: number }) {
  const t = useT();
  return (
    <>
      <span className="jmo-column-type jmo-mono">
        <span className="jmo-clip">{column.type}</span>
        {column.nulls ? (
          <span className="jmo-column-nulls" aria-label={t('%1 missing', number(column.nulls))}>
            {t('%1 null', percent(column.nulls, rows))}
          </span>
        ) : null}
      </span>
      <Distribution column={column} />
    </>
  );
}

function Distribution({ column }: { column: ITableColumn }) {
  const t = useT();
  const { histogram } = column;
  if (histogram === null) {
    return <span className="jmo-column-bars" />;
  }
  const most = Math.max(1, ...histogram.counts);
  if ('values' in histogram) {
    if (histogram.counts.length === 0) {
      return <span className="jmo-column-bars" />;
    }
    if (most === 1) {
      return <span className="jmo-column-bars">{t('all different')}</span>;
    }
    const total = Math.max(
      1,
      histogram.counts.reduce((sum, count) => sum + count, 0)
    );
    return (
      <span className="jmo-column-words">
        {histogram.values.slice(0, 2).map((value, at) => (
          <span key={at} style={{ '--part': `${(100 * histogram.counts[at]) / total}%` } as React.CSSProperties}>
            <span className="jmo-clip">{value}</span>
            <span className="jmo-num">{number(histogram.counts[at])}</span>
          </span>
        ))}
      </span>
    );
  }
  const { counts } = histogram;
  return (
    <span className="jmo-column-bars">
      <svg viewBox={`0 0 ${counts.length} 24`} preserveAspectRatio="none" aria-hidden>
        {counts.map((count, at) => {
          const height = count === 0 ? 0 : Math.max(1, (24 * count) / most);
          return <rect key={at} x={at + 0.06} width={0.88} y={24 - height} height={height} />;
        })}
      </svg>
      <span className="jmo-num">
        <span>{shown(column.min, 10)}</span>
        <span>{shown(column.max, 10)}</span>
      </span>
    </span>
  );
}

function facts(column: ITableColumn, t: (text: string, ...args: (string | number)[]) => string): string {
  return [
    `${column.name} · ${column.type}`,
    column.nulls === null ? '' : t('%1 missing', number(column.nulls)),
    column.distinct === null ? '' : t('%1 distinct', number(column.distinct)),
    column.min === null ? '' : t('%1 to %2', shown(column.min), shown(column.max)),
    column.mean === null ? '' : t('mean %1', number(column.mean))
  ]
    .filter(Boolean)
    .join('\n');
}

function percent(part: number, all: number): string {
  const share = all > 0 ? (100 * part) / all : 0;
  return share > 0 && share < 1 ? '<1 %' : `${Math.round(share)} %`;
}
