import { useMemo } from 'react';
import { Linked, MetricChart, useMetrics, useRunColors } from '../charts';
import { Empty, Loading, Problem } from '../ui';
import { useT } from '../surroundings';

/** Charts of some runs, small: beside the table of runs. `name` says what a run is called. */
export function ComparePanel({ runs, names }: { runs: readonly string[]; names?: ReadonlyMap<string, string> }) {
  const t = useT();
  const linked = useMemo(() => new Linked(), []);
  const colors = useRunColors(runs);
  const { series, loading, error, refresh } = useMetrics(runs);
  const keys = [...new Set(series.map(one => one.key))];
  if (error && !series.length) {
    return <Problem error={error} retry={refresh} />;
  }
  if (loading) {
    return <Loading />;
  }
  return (
    <div className="jmo-compare-panel">
      {keys.length ? null : <Empty title={t('No metrics')}>{t('These runs logged no metrics.')}</Empty>}
      {keys.map(key => (
        <MetricChart
          key={key}
          title={key}
          height={160}
          compact
          linked={linked}
          series={series
            .filter(one => one.key === key)
            .map(one => ({ ...one, ...colors(one.run), name: names?.get(one.run) ?? one.run }))}
        />
      ))}
    </div>
  );
}
