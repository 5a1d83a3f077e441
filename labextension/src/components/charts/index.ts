export { MetricChart, type IMetricChartProps } from './MetricChart';
export { Sparkline } from './Sparkline';
export { useMetrics, type IMetrics } from './useMetrics';
export { useRunColors, type IRunColor } from './useRunColors';
export { colorOf, dashOf } from '../../model/charts/palette';
export { Linked } from '../../model/charts/linked';
export type { IChartSeries, Point, XAxis } from '../../model/charts/series';
