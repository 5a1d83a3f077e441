import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { passes, placeOf, reordered, telling, type Brush, type IDimension, type IPlotted } from '../../model/charts/dimensions';
import { shown } from '../../model/format';
import { useLinked } from '../charts';
import { useT } from '../surroundings';
import { Empty } from '../ui';
import { AxesMenu } from './AxesMenu';
import { ColorBy } from './ColorBy';
import { ParallelAxis } from './ParallelAxis';
import { useTinted, type IPlottedProps } from './plotted';
import { useWidth } from './useWidth';

const LEFT = 8;
const RIGHT = 10;
const TOP = 26;

/** Runs as lines across their params and results. */
export function ParallelCoordinates(props: IPlottedProps & { height?: number; title?: string }) {
  const { runs, linked, height = 240 } = props;
  const t = useT();
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const [logs, setLogs] = useState<ReadonlySet<string> | null>(null);
  const { dimensions, colors } = useTinted(props, logs);
  const [order, setOrder] = useState<readonly string[] | null>(null);
  const [brushes, setBrushes] = useState<ReadonlyMap<string, Brush>>(new Map());
  const [dragged, setDragged] = useState<{ id: string; by: number } | null>(null);
  const shownIds = order ?? telling(dimensions);
  const axes = shownIds.map(id => dimensions.find(one => one.id === id)).filter(one => one !== undefined);
  const hidden = useLinked(linked, 'hidden', () => linked.hidden);
  const pointed = useLinked(linked, 'run', () => linked.run);

  const gaps = axes.some(one => one.gaps);
  const bottom = height - (gaps ? 24 : 10);
  const room = axes.length > 1 ? (width - LEFT - RIGHT) / (axes.length - 1) : width / 2;
  const xOf = (index: number) => LEFT + index * room;
  const brush = (id: string, next: Brush | null) => {
    const changed = new Map(brushes);
    if (next) {
      changed.set(id, next);
    } else {
      changed.delete(id);
    }
    setBrushes(changed);
  };
  const drag = (index: number, by: number, done: boolean) => {
    setDragged(done ? null : { id: shownIds[index], by });
    if (done && Math.abs(by) > room / 2) {
      setOrder(reordered(shownIds, index, index + Math.round(by / room)));
    }
  };
  const toggleLog = (id: string) => {
    const next = new Set(logs ?? dimensions.filter(({ scale }) => scale.kind === 'log').map(one => one.id));
    if (!next.delete(id)) {
      next.add(id);
    }
    setLogs(next);
  };
  const visible = useMemo(() => runs.filter(run => !hidden.has(run.id)), [runs, hidden]);
  const kept = visible.filter(run => passes(run, axes, brushes));
  const lost = visible
    .filter(run => !kept.includes(run))
    .map(({ id }) => id)
    .join('\n');
  useEffect(() => linked.filter(new Set(lost === '' ? [] : lost.split('\n'))), [linked, lost]);
  useEffect(() => () => linked.filter(new Set()), [linked]);
  const name = (run: IPlotted) => `${run.name}: ${axes.map(on => `${on.key} ${shown(run[on.section][on.key], 30)}`).join(', ')}`;

  return (
    <section className="jmo-chart" aria-label={props.title ?? t('Parallel coordinates')}>
      <header>
        <h3 className="jmo-clip">{props.title ?? t('Parallel coordinates')}</h3>
        {brushes.size ? (
          <button type="button" className="jmo-link jmo-clear" onClick={() => setBrushes(new Map())}>
            {t('%1 of %2 runs · clear', kept.length, visible.length)}
          </button>
        ) : null}
        <span className="jmo-spacer" />
        <ColorBy dimensions={dimensions} value={props.colorBy} onChange={props.setColorBy} />
        <AxesMenu dimensions={dimensions} shown={shownIds} onChange={setOrder} />
      </header>
      <div ref={place} className="jmo-parallel" style={{ height: axes.length > 1 ? height : undefined }}>
        {axes.length > 1 ? (
          <svg width={width} height={height}>
            <Lines
              {...{ runs: visible, kept: new Set(kept.map(({ id }) => id)), axes, colors, pointed, xOf, bottom, name, dragged }}
              point={run => linked.point(run)}
              press={props.onPress}
            />
            {axes.map((on, index) => (
              <g key={on.id} transform={dragged?.id === on.id ? `translate(${dragged.by} 0)` : undefined}>
                <ParallelAxis
                  on={on}
                  x={xOf(index)}
                  top={TOP}
                  bottom={bottom}
                  room={room}
                  edge={index === 0 ? 'first' : index === axes.length - 1 ? 'last' : null}
                  brush={brushes.get(on.id) ?? null}
                  setBrush={next => brush(on.id, next)}
                  drag={(by, done) => drag(index, by, done)}
                  move={by => setOrder(reordered(shownIds, index, index + by))}
                  toggleLog={() => toggleLog(on.id)}
                />
              </g>
            ))}
          </svg>
        ) : (
          <Empty title={t('Nothing differs')}>
            {t('Parallel coordinates show params and results that differ between runs.')}
          </Empty>
        )}
      </div>
    </section>
  );
}

interface ILinesProps {
  runs: readonly IPlotted[];
  kept: ReadonlySet<string>;
  axes: readonly IDimension[];
  colors: ReadonlyMap<string, string>;
  pointed: string | null;
  xOf(index: number): number;
  bottom: number;
  dragged: { id: string; by: number } | null;
  name(run: IPlotted): string;
  point(run: string | null): void;
  press?(run: string): void;
}

function Lines({ runs, kept, axes, colors, pointed, xOf, bottom, dragged, name, point, press }: ILinesProps) {
  const path = useCallback(
    (run: IPlotted) => {
      const points = axes.map((on, index) => {
        const at = placeOf(run, on);
        const y = at === null ? bottom + 14 : bottom - at * (bottom - TOP);
        return [xOf(index) + (dragged?.id === on.id ? dragged.by : 0), y];
      });
      return points
        .map(([x, y], index) => {
          const [x0, y0] = points[index - 1] ?? [x, y];
          const middle = (x0 + x) / 2;
          return index ? `C${middle},${y0} ${middle},${y} ${x},${y}` : `M${x},${y}`;
        })
        .join('');
    },
    [axes, bottom, dragged, xOf]
  );
  const front = runs.find(({ id }) => id === pointed);
  return (
    <>
      {runs.map(run => {
        const d = path(run);
        const out = !kept.has(run.id);
        const dim = front !== undefined && front !== run;
        return (
          <g key={run.id} className={`jmo-line ${out ? 'jmo-out' : dim ? 'jmo-dim' : ''}`}>
            <path d={d} style={{ stroke: colors.get(run.id) }} />
            {out ? null : (
              <path
                className="jmo-line-grip"
                d={d}
                onPointerEnter={() => point(run.id)}
                onPointerLeave={() => point(null)}
                onClick={() => press?.(run.id)}
              >
                <title>{name(run)}</title>
              </path>
            )}
          </g>
        );
      })}
      {front && kept.has(front.id) ? (
        <g className="jmo-line jmo-on" pointerEvents="none">
          <path d={path(front)} style={{ stroke: colors.get(front.id) }} />
        </g>
      ) : null}
    </>
  );
}
