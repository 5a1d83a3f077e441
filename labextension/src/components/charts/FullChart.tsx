import { X } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Linked } from '../../model/charts/linked';
import type { ISeries } from '../../model/contract';
import { number } from '../../model/format';
import { useT } from '../surroundings';
import { IconButton } from '../ui';
import { ChartControls } from './ChartControls';
import { Cover } from './Cover';
import { Legend } from './Legend';
import { MetricChart } from './MetricChart';
import type { IChartSettings } from './settings';
import { useCharts } from './useCharts';
import { useLinked } from './useLinked';
import { useMetrics } from './useMetrics';
import { useRunColors } from './useRunColors';

/** So many points of each series are asked for: all of most runs; more once a part is looked at. */
const POINTS = 5000;
const MORE = 20000;

interface IFullChartProps {
  title: string;
  runs: readonly string[];
  nameOf(run: string): string;
  /** What is shown until there are more points. */
  coarse: readonly ISeries[];
  settings: IChartSettings;
  change(change: Partial<IChartSettings>): void;
  linked: Linked;
  onClose(): void;
}

/** One chart as large as its screen, with more points, a range for the y axis and the runs beside it. */
export function FullChart({ title, runs, nameOf, coarse, settings, change, linked, onClose }: IFullChartProps) {
  const t = useT();
  const keys = useMemo(() => [title], [title]);
  const zoomed = useLinked(linked, 'zoom', () => linked.zoom !== null);
  const found = useMetrics(runs, keys, { points: zoomed ? MORE : POINTS }).series;
  const series = found.length ? found : coarse;
  const colors = useRunColors(runs);
  const charts = useCharts(series, nameOf, colors);
  const [yRange, setYRange] = useState<readonly [number | null, number | null]>([null, null]);
  const shown = series.reduce((sum, one) => sum + one.points.length, 0);
  const total = series.reduce((sum, one) => sum + one.total, 0);
  return (
    <Cover label={title} onClose={onClose}>
      <div className="jmo-chart-controls" role="toolbar" aria-label={t('Chart')}>
        <ChartControls settings={settings} change={change} linked={linked} />
        <YRange value={yRange} onChange={setYRange} />
        <span className="jmo-spacer" />
        <span className="jmo-muted jmo-num">
          {shown < total ? t('%1 of %2 points', number(shown), number(total)) : t('%1 points', number(total))}
        </span>
        <IconButton icon={X} label={t('Close')} onClick={onClose} />
      </div>
      <MetricChart title={title} series={charts.get(title) ?? []} {...settings} yRange={yRange} linked={linked} />
      {runs.length > 1 ? <Legend runs={runs} nameOf={nameOf} colorOf={colors} linked={linked} /> : null}
    </Cover>
  );
}

type Limits = readonly [number | null, number | null];

function YRange({ value, onChange }: { value: Limits; onChange(value: Limits): void }) {
  const t = useT();
  const read = (text: string) => (text.trim() === '' || !Number.isFinite(Number(text)) ? null : Number(text));
  return (
    <span className="jmo-yrange" role="group" aria-label={t('Range of the vertical axis')}>
      <span aria-hidden>{t('y from')}</span>
      <input
        className="jmo-input"
        inputMode="decimal"
        aria-label={t('Lowest')}
        placeholder={t('auto')}
        onChange={event => onChange([read(event.target.value), value[1]])}
      />
      <span aria-hidden>{t('to')}</span>
      <input
        className="jmo-input"
        inputMode="decimal"
        aria-label={t('Highest')}
        placeholder={t('auto')}
        onChange={event => onChange([value[0], read(event.target.value)])}
      />
    </span>
  );
}
