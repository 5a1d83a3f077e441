import { number } from '../../model/format';
import { useT } from '../surroundings';
import type { IReading } from './plot';

/** More would hide the chart. */
const MOST = 16;

/** What the curves are at the crosshair: highest first, around the run that is pointed at. */
export function Tip(props: { at: number; head: string; readings: readonly IReading[]; run: string | null; rows: number }) {
  const { at, head, readings, run } = props;
  const rows = Math.min(MOST, props.rows);
  const t = useT();
  if (!readings.length) {
    return null;
  }
  const mine = Math.max(
    0,
    readings.findIndex(reading => reading.run === run)
  );
  const from = Math.max(0, Math.min(mine - Math.floor(rows / 2), readings.length - rows));
  const shown = readings.slice(from, from + rows);
  return (
    <div className="jmo-tip" style={{ left: `clamp(0px, ${at + 14}px, calc(100% - 190px))` }} aria-hidden>
      <div className="jmo-tip-head">{head}</div>
      {shown.map(({ run: id, name, color, y }) => (
        <div key={id} className={id === run ? 'jmo-on' : ''}>
          <i style={{ background: color }} />
          <span className="jmo-clip">{name}</span>
          <b>{number(y)}</b>
        </div>
      ))}
      {readings.length > shown.length ? (
        <div className="jmo-tip-more">{t('and %1 more', readings.length - shown.length)}</div>
      ) : null}
    </div>
  );
}
