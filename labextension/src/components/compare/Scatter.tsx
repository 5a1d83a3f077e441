import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { pairing, placeOf, ticksOf, valueOf, type IDimension, type IPlotted } from '../../model/charts/dimensions';
import { shown } from '../../model/format';
import { useLinked } from '../charts';
import { useT } from '../surroundings';
import { Button, Empty } from '../ui';
import { Choose, ColorBy } from './ColorBy';
import { useTinted, type IPlottedProps } from './plotted';
import { useWidth } from './useWidth';

/** Runs as points: any param or result against any other. */
export function Scatter(props: IPlottedProps & { height?: number }) {
  const t = useT();
  const [logs, setLogs] = useState<ReadonlySet<string> | null>(null);
  const { dimensions, colors } = useTinted(props, logs);
  const first = useMemo(() => pairing(props.runs, dimensions), [props.runs, dimensions]);
  const [xId, setX] = useState<string | null>(null);
  const [yId, setY] = useState<string | null>(null);
  const byId = (id: string | null | undefined) => dimensions.find(one => one.id === id);
  const x = byId(xId) ?? byId(first?.[0]);
  const y = byId(yId) ?? byId(first?.[1]);
  const toggleLog = (id: string) => {
    const next = new Set(logs ?? dimensions.filter(({ scale }) => scale.kind === 'log').map(one => one.id));
    if (!next.delete(id)) {
      next.add(id);
    }
    setLogs(next);
  };
  if (!x || !y) {
    return (
      <section className="jmo-chart" aria-label={t('Scatter')}>
        <Empty title={t('Nothing to plot')}>{t('A scatter needs two params or results.')}</Empty>
      </section>
    );
  }
  return (
    <section className="jmo-chart" aria-label={t('Scatter')}>
      <header className="jmo-scatter-head">
        <h3>{t('Scatter')}</h3>
        <span className="jmo-spacer" />
        {[['x', x, setX] as const, ['y', y, setY] as const].map(([label, on, set]) => (
          <span key={label} className="jmo-choose-log">
            <Choose label={label} dimensions={dimensions} value={on.id} onChange={set} />
            <Button
              aria-pressed={on.scale.kind === 'log'}
              disabled={!on.positive}
              title={t('Logarithmic %1 axis', label)}
              onClick={() => toggleLog(on.id)}
            >
              {t('log')}
            </Button>
          </span>
        ))}
        <ColorBy dimensions={dimensions} value={props.colorBy} onChange={props.setColorBy} legend={false} />
      </header>
      <Points {...props} x={x} y={y} colors={colors} />
    </section>
  );
}

const LEFT = 52;
const BOTTOM = 30;

function Points(props: IPlottedProps & { height?: number; x: IDimension; y: IDimension; colors: ReadonlyMap<string, string> }) {
  const { runs, linked, x, y, colors, height = 240, onPress } = props;
  const t = useT();
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const hidden = useLinked(linked, 'hidden', () => linked.out);
  const pointed = useLinked(linked, 'run', () => linked.run);
  const left = (at: number) => LEFT + 10 + at * (width - LEFT - 40);
  const top = (at: number) => height - BOTTOM - 8 - at * (height - BOTTOM - 24);
  const points = useMemo(
    () =>
      runs
        .filter(run => !hidden.has(run.id))
        .map(run => ({ run, at: [placeOf(run, x), placeOf(run, y)] }))
        .filter((one): one is { run: IPlotted; at: [number, number] } => one.at[0] !== null && one.at[1] !== null),
    [runs, hidden, x, y]
  );
  const turns = (run: IPlotted, at: number): boolean => left(at) + widthOf(run) > width;
  const labels = roomFor(
    points.map(({ run, at }) => {
      const own = widthOf(run);
      return { id: run.id, x: left(at[0]) - (turns(run, at[0]) ? own : 0), y: top(at[1]), width: own };
    })
  );
  const stop = points.some(({ run }) => run.id === pointed) ? pointed : points[0]?.run.id;
  const missing = runs.length - hidden.size - points.length;
  const describe = (run: IPlotted) =>
    `${run.name}: ${x.key} ${shown(valueOf(run, x), 30)}, ${y.key} ${shown(valueOf(run, y), 30)}`;
  return (
    <div ref={place} className="jmo-scatter" style={{ height }}>
      <svg width={width} height={height} role="group" aria-label={t('%1 against %2', y.key, x.key)}>
        {ticksOf(y).map(({ at, text }) => (
          <g key={at}>
            <line className="jmo-grid-line" x1={LEFT} x2={width - 8} y1={top(at)} y2={top(at)} />
            <text className="jmo-axis-tick" x={LEFT - 6} y={top(at) + 3} textAnchor="end">
              {shown(text, 8)}
            </text>
          </g>
        ))}
        {ticksOf(x, Math.max(2, Math.floor(width / 80))).map(({ at, text }) => (
          <text key={at} className="jmo-axis-tick" x={left(at)} y={height - BOTTOM + 12} textAnchor="middle">
            {shown(text, 12)}
          </text>
        ))}
        <text className="jmo-axis-word" x={(LEFT + width) / 2} y={height - 3} textAnchor="middle">
          {x.key}
        </text>
        <text
          className="jmo-axis-word"
          x={0}
          y={0}
          transform={`translate(11 ${(height - BOTTOM) / 2}) rotate(-90)`}
          textAnchor="middle"
        >
          {y.key}
        </text>
        {points.map(({ run, at }) => (
          <g
            key={run.id}
            className={`jmo-point ${run.id === pointed ? 'jmo-on' : ''}`}
            role="button"
            tabIndex={run.id === stop ? 0 : -1}
            aria-label={describe(run)}
            transform={`translate(${left(at[0])} ${top(at[1])})`}
            onPointerEnter={() => linked.point(run.id)}
            onPointerLeave={() => linked.point(null)}
            onFocus={() => linked.point(run.id)}
            onBlur={() => linked.point(null)}
            onClick={() => onPress?.(run.id)}
            onKeyDown={event => (event.key === 'Enter' ? onPress?.(run.id) : walk(event))}
          >
            <circle r={run.id === pointed ? 6 : 4.5} style={{ fill: colors.get(run.id) }} />
            {run.id === pointed || labels.has(run.id) ? (
              <text {...(turns(run, at[0]) ? BEFORE : AFTER)} y={3.5}>
                {shown(run.name, LABEL)}
              </text>
            ) : null}
            <title>{describe(run)}</title>
          </g>
        ))}
      </svg>
      {points.length ? null : <p className="jmo-scatter-none">{t('No run has both.')}</p>}
      {missing > 0 ? <span className="jmo-scatter-missing">{t('%1 without a value', missing)}</span> : null}
    </div>
  );
}

const LABEL = 28; // characters of a name that are written
const AFTER = { x: 8, textAnchor: 'start' } as const;
const BEFORE = { x: -8, textAnchor: 'end' } as const;
const widthOf = (run: IPlotted): number => 12 + 5.4 * Math.min(LABEL, run.name.length);

/** Arrow keys go to the next point. */
function walk(event: KeyboardEvent): void {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const points = [...(event.currentTarget.parentElement?.querySelectorAll<SVGGElement>('.jmo-point') ?? [])];
  if (by !== undefined) {
    event.preventDefault();
    event.stopPropagation();
    points[(points.indexOf(event.currentTarget as SVGGElement) + by + points.length) % points.length]?.focus();
  }
}

/** Which labels, that begin at x, can be written without lying over another one. */
function roomFor(points: readonly { id: string; x: number; y: number; width: number }[]): Set<string> {
  const placed: (typeof points)[number][] = [];
  for (const point of points.slice(0, 60)) {
    const free = placed.every(
      other => Math.abs(other.y - point.y) > 12 || other.x + other.width < point.x || point.x + point.width < other.x
    );
    if (free) {
      placed.push(point);
    }
  }
  return new Set(placed.map(({ id }) => id));
}
