import { useMemo, useState } from 'react';
import { number } from '../../../model/format';
import { MetricChart, useMetrics } from '../../charts';
import { useT } from '../../surroundings';

/** A metric of a run as a curve that grows while the run lives; with several, one chooses which. Nothing while there is none. */
export function LiveMetrics({ run, live }: { run: string; live: boolean }) {
  const t = useT();
  const runs = useMemo(() => [run], [run]);
  const { series } = useMetrics(runs, undefined, { points: 300 });
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = series.find(one => one.key === chosen) ?? series[0];
  const drawn = useMemo(() => (shown ? [{ ...shown, name: shown.key, color: 'var(--jmo-accent)' }] : []), [shown]);
  if (!shown) {
    return null;
  }
  const last = shown.points.at(-1)?.[1] ?? null;
  return (
    <>
      <div className="jmo-heading">
        {series.length > 1 ? (
          <select
            className="jmo-input jmo-metric-choice"
            aria-label={t('Metric')}
            value={shown.key}
            onChange={event => setChosen(event.target.value)}
          >
            {series.map(({ key }) => (
              <option key={key} value={key}>
                {key}
              </option>
            ))}
          </select>
        ) : (
          <span>{shown.key}</span>
        )}
        {live ? <span className="jmo-live">{t('live')}</span> : null}
        <span className="jmo-spacer" />
        <span className="jmo-num jmo-mono">{last === null ? '' : number(last)}</span>
      </div>
      <div className="jmo-metric-small">
        <MetricChart title={shown.key} series={drawn} height={110} compact />
      </div>
    </>
  );
}
