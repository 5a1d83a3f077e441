import { extent, padded, share } from '../../model/charts/scale';
import type { Point } from '../../model/charts/series';
import { drawThinned } from '../../model/charts/thin';

/** A small curve without axes. It says nothing that isn't written beside it, so it's hidden from screen readers unless it has a label. */
export function Sparkline(props: {
  points: readonly Point[];
  width?: number;
  height?: number;
  color?: string;
  area?: boolean;
  label?: string;
}) {
  const { points, width = 56, height = 18, color = 'var(--jmo-accent)' } = props;
  const known = points.filter(point => point[1] !== null);
  const ys = extent(known.map(point => point[1] as number));
  const xs = extent(known.map(point => point[0]));
  if (!ys || !xs) {
    return <span style={{ display: 'inline-block', width, height }} />;
  }
  const across = xs[0] === xs[1] ? padded(xs) : xs;
  const up = ys[0] === ys[1] ? padded(ys) : ys;
  let line = '';
  const pen = {
    moveTo: (x: number, y: number) => void (line += `M${x.toFixed(1)},${y.toFixed(1)}`),
    lineTo: (x: number, y: number) => void (line += `L${x.toFixed(1)},${y.toFixed(1)}`)
  };
  const columns = {
    x: Float64Array.from(points, point => point[0]),
    y: Float64Array.from(points, point => point[1] ?? NaN)
  };
  const left = (x: number) => 1 + share(x, across) * (width - 2);
  const top = (y: number) => height - 1.5 - share(y, up) * (height - 3);
  drawThinned(pen, columns, [0, points.length], left, top);
  const named = props.label ? { role: 'img', 'aria-label': props.label } : { 'aria-hidden': true };
  return (
    <svg className="jmo-spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} {...named}>
      {props.area ? (
        <path d={`${line}L${left(xs[1])},${height}L${left(xs[0])},${height}Z`} fill={color} opacity={0.14} stroke="none" />
      ) : null}
      <path d={line} fill="none" stroke={color} strokeWidth={1.4} strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}
