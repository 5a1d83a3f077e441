import { Maximize2 } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { Linked } from '../../model/charts/linked';
import type { IChartSeries } from '../../model/charts/series';
import { shortId } from '../../model/format';
import { useT } from '../surroundings';
import { Empty, IconButton, Loading, Problem, SearchField } from '../ui';
import { ChartControls } from './ChartControls';
import { FullChart } from './FullChart';
import { Legend } from './Legend';
import { MetricChart } from './MetricChart';
import { useChartSettings, type IChartSettings } from './settings';
import { useCharts } from './useCharts';
import { useMetrics } from './useMetrics';
import { useRunColors } from './useRunColors';

export interface IChartGridProps {
  runs: readonly string[];
  /** What a run is called; the end of its id when left out. */
  nameOf?(run: string): string;
  /** Metrics to show; all when left out. */
  keys?: readonly string[];
  /** Shared with what else shows these runs. */
  linked?: Linked;
  /** Runs with their colours above the charts. */
  legend?: boolean;
  compact?: boolean;
}

/** A chart for each metric of the runs, with one set of controls, one crosshair and one zoom. */
export function ChartGrid(props: IChartGridProps) {
  const { runs, keys, nameOf = shortId, compact = false } = props;
  const t = useT();
  const own = useMemo(() => new Linked(), []);
  const linked = props.linked ?? own;
  const [settings, change] = useChartSettings();
  const [find, setFind] = useState('');
  const [full, setFull] = useState<string | null>(null);
  const colors = useRunColors(runs);
  const { series, loading, error, refresh } = useMetrics(runs, keys);
  const charts = useCharts(series, nameOf, colors);
  const closeFull = useCallback(() => setFull(null), []);

  if (error && !series.length) {
    return <Problem error={error} retry={refresh} />;
  }
  if (loading) {
    return <Loading />;
  }
  if (!charts.size) {
    return <Empty title={t('No metrics')}>{t('Log some with mlops.log_metric("loss", 0.4, step=1).')}</Empty>;
  }
  const shown = [...charts.keys()].filter(key => key.toLowerCase().includes(find.trim().toLowerCase()));
  return (
    <div className={`jmo-chart-grid ${compact ? 'jmo-compact' : ''}`}>
      <div className="jmo-chart-controls" role="toolbar" aria-label={t('Charts')}>
        {charts.size > 3 || find ? <SearchField value={find} onChange={setFind} label={t('Find a metric')} /> : null}
        <ChartControls settings={settings} change={change} linked={linked} />
      </div>
      {props.legend && runs.length > 1 ? <Legend runs={runs} nameOf={nameOf} colorOf={colors} linked={linked} /> : null}
      {shown.length ? null : <Empty title={t('No metric is called %1', find)} />}
      <div className="jmo-charts">
        {shown.map(key => (
          <GridChart
            key={key}
            title={key}
            series={charts.get(key) ?? []}
            settings={settings}
            linked={linked}
            compact={compact}
            enlarge={() => setFull(key)}
          />
        ))}
      </div>
      {full === null ? null : (
        <FullChart
          title={full}
          {...{ runs, nameOf, settings, change, linked }}
          coarse={charts.get(full) ?? []}
          onClose={closeFull}
        />
      )}
    </div>
  );
}

function GridChart(props: {
  title: string;
  series: readonly IChartSeries[];
  settings: IChartSettings;
  linked: Linked;
  compact: boolean;
  enlarge(): void;
}) {
  const t = useT();
  return (
    <MetricChart
      title={props.title}
      series={props.series}
      height={props.compact ? 150 : 200}
      {...props.settings}
      linked={props.linked}
      compact={props.compact}
      actions={<IconButton icon={Maximize2} label={t('Enlarge %1', props.title)} onClick={props.enlarge} />}
    />
  );
}
