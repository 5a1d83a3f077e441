/** What stands in a cell of the table of runs. */
import type { IRunRow } from '../../model/contract';
import { valueOf, type IColumn } from '../../model/runs/columns';
import { ago, date, duration, isFinished, shown } from '../../model/format';
import { useNow } from '../answers';
import { StateIcon, StatePill, stateWord } from '../ui';
import { useT } from '../surroundings';

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
      <i style={{ width: `${Math.max(2, share * 44)}px` }} aria-hidden />
      {duration(seconds)}
    </span>
  );
}

/** Loud only when it needs somebody. */
export function QuietState({ row }: { row: IRunRow }) {
  const t = useT();
  if (row.state === 'completed' || row.state === 'cached' || row.state === 'skipped') {
    return (
      <span className="jmo-runs-quiet" title={row.reason || undefined}>
        <StateIcon state={row.state} size={11} />
        <span aria-hidden>{stateWord(row.state, t)}</span>
      </span>
    );
  }
  return (
    <span title={row.reason || undefined}>
      <StatePill state={row.state} />
    </span>
  );
}

export function Cell({ row, column, longest }: { row: IRunRow; column: IColumn; longest: number }) {
  switch (column.id) {
    case 'state':
      return <QuietState row={row} />;
    case 'created':
    case 'started':
    case 'ended':
      return (
        <span className="jmo-muted" title={date(row[column.id])}>
          {ago(row[column.id]) || '–'}
        </span>
      );
    case 'duration':
      return <Duration row={row} longest={longest} />;
    default: {
      const value = valueOf(row, column);
      const text = column.id === 'version' && typeof value === 'string' ? value.slice(0, 8) : shown(value);
      const missing = value === null || value === undefined || value === '';
      return (
        <span className={missing ? 'jmo-muted' : column.section === 'about' ? undefined : 'jmo-mono'} title={text}>
          {missing ? '–' : text}
        </span>
      );
    }
  }
}
