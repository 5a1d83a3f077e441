import { useMemo, type ReactNode } from 'react';
import type { XAxis } from '../../model/charts/series';
import { Linked } from '../../model/charts/linked';
import { useT } from '../surroundings';
import { Curves, type ICurvesProps } from './Curves';
import { Summary } from './Summary';
import { WhenSeen } from './WhenSeen';

export interface IMetricChartProps extends ICurvesProps {
  /** Charts with the same `linked` share crosshair, zoom, and the run that is pointed at. */
  linked?: Linked;
  /** Beside the title. */
  actions?: ReactNode;
}

/** Curves of one metric: drag to zoom, double click to see all again; with the keyboard arrows, + and -, Escape. */
export function MetricChart(props: IMetricChartProps) {
  const { title, series, actions } = props;
  const t = useT();
  const own = useMemo(() => new Linked(), []);
  const linked = props.linked ?? own;
  return (
    <section className={`jmo-chart ${props.compact ? 'jmo-compact' : ''}`} aria-label={title}>
      <header>
        <h3 className="jmo-clip">{title}</h3>
        <span className="jmo-chart-axis">{axisWord(props.xAxis ?? 'step', t)}</span>
        <span className="jmo-spacer" />
        {actions}
      </header>
      {props.height === undefined ? (
        <Curves {...props} linked={linked} />
      ) : (
        <WhenSeen height={props.height}>
          <Curves {...props} linked={linked} />
        </WhenSeen>
      )}
      <Summary title={title} series={series} />
    </section>
  );
}

function axisWord(axis: XAxis, t: (text: string) => string): string {
  return axis === 'step' ? t('step') : axis === 'time' ? t('time') : t('relative time');
}
