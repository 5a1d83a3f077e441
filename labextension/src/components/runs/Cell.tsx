/** What stands in a cell of the table of runs. */
import { memo } from 'react';
import type { IRunRow } from '../../model/contract';
import { ago, date, duration, isFinished, shown } from '../../model/format';
import { valueOf, type IColumn } from '../../model/runs/columns';
import { useNow } from '../answers';
import { useT } from '../surroundings';
import { StateIcon, StatePill, stateWord } from '../ui';

/** How long it took, or takes so far, with a bar beside those of its neighbours. */
export function Duration({ row, longest }: { row: IRunRow; longest: number }) {
  const going = row.started !== null && !isFinished(row.state);
  const now = useNow(going);
  const seconds = going && row.started !== null ? Math.max(0, now - row.started) : row.duration;
  if (seconds === null) {
    return <span className="jmo-muted">–</span>;
  }
  const share = longest > 0 ? Math.min(1, seconds / longest) : 0;
  return (
    <span className="jmo-runs-duration jmo-num">
      <i style={{ width: Math.max(2, share * 44) }} aria-hidden />
      {duration(seconds)}
    </span>
  );
}

const QUIET = new Set(['completed', 'cached', 'skipped', 'pending']);

/** Loud only when it needs somebody. */
export function QuietState({ row }: { row: Pick<IRunRow, 'state' | 'reason'> }) {
  const t = useT();
  return QUIET.has(row.state) ? (
    <span className="jmo-runs-quiet" title={row.reason || undefined}>
      <StateIcon state={row.state} size={11} />
      <span aria-hidden>{stateWord(row.state, t)}</span>
    </span>
  ) : (
    <span title={row.reason || undefined}>
      <StatePill state={row.state} />
    </span>
  );
}

/** The time as one says it; it goes on with the clock. */
function Ago({ time }: { time: number | null }) {
  const now = useNow(true, 10_000);
  return (
    <span className="jmo-muted jmo-num" title={date(time)}>
      {ago(time, now) || '–'}
    </span>
  );
}

interface ICellProps {
  row: IRunRow;
  column: IColumn;
  longest: number;
  best: boolean;
}

export const Cell = memo(function Cell({ row, column, longest, best }: ICellProps) {
  const t = useT();
  switch (column.id) {
    case 'state':
      return <QuietState row={row} />;
    case 'created':
    case 'started':
    case 'ended':
      return <Ago time={row[column.id]} />;
    case 'duration':
      return <Duration row={row} longest={longest} />;
  }
  const value = valueOf(row, column);
  if (value === null || value === undefined || value === '') {
    return (
      <span className="jmo-faint" aria-label={t('none')} role="img">
        –
      </span>
    );
  }
  const text = column.id === 'version' ? String(value).slice(0, 8) : shown(value);
  return (
    <span className={`${column.section === 'about' ? '' : 'jmo-mono'} ${best ? 'jmo-runs-best' : ''}`} title={String(value)}>
      {text}
      {best ? <span className="jmo-sr">{t('best')}</span> : null}
    </span>
  );
});
