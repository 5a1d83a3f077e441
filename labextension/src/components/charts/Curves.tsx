import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { columns, type IChartSeries, type XAxis } from '../../model/charts/series';
import { extent, moved, scaled, share, valueAt, type Range } from '../../model/charts/scale';
import { smooth } from '../../model/charts/smoothing';
import type { Linked } from '../../model/charts/linked';
import { date, duration, number } from '../../model/format';
import { useT } from '../surroundings';
import { onTheme } from './ink';
import type { IShape } from './axes';
import type { ILine } from './layers';
import { Plot, type IReading } from './plot';
import { Tip } from './Tip';

export interface ICurvesProps {
  title: string;
  series: readonly IChartSeries[];
  /** In pixels; as high as its place when left out. */
  height?: number;
  xAxis?: XAxis;
  logX?: boolean;
  logY?: boolean;
  /** From 0 to 1. */
  smoothing?: number;
  yRange?: readonly [number | null, number | null];
  /** Called with the run that is pointed at. */
  onHover?(run: string | null): void;
  compact?: boolean;
}

/** The series as columns, smoothed. */
function useLines({ series, xAxis = 'step', logX, logY, smoothing = 0 }: ICurvesProps): ILine[] {
  return useMemo(() => {
    const all = series.map(one => ({ one, cols: columns(one.points, xAxis, { logX, logY }) }));
    const span = Math.max(0, ...all.map(({ cols: { x } }) => (x.length ? x[x.length - 1] - x[0] : 0)));
    return all.map(({ one, cols: { x, y } }) => {
      const y2 = smooth(x, y, smoothing, span);
      return { run: one.run, name: one.name, color: one.color, dash: one.dash ?? [], x, y: y2, raw: y2 === y ? null : y };
    });
  }, [series, xAxis, logX, logY, smoothing]);
}

interface IHover {
  left: number;
  x: number;
  readings: IReading[];
  places: { left: number; top: number }[];
  own: boolean;
}

/** The plot, its crosshair and its keys. */
export function Curves(props: ICurvesProps & { linked: Linked }) {
  const { xAxis = 'step', logX = false, logY = false, linked, compact = false, height } = props;
  const t = useT();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const lines = useLines(props);
  const [hover, setHover] = useState<IHover | null>(null);
  const [theme, setTheme] = useState(0);
  const shape = useMemo<IShape>(
    () => ({ time: xAxis === 'time', relative: xAxis === 'relative', logX, logY, compact, height: height ?? 180 }),
    [xAxis, logX, logY, compact, height]
  );
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => onTheme(() => setTheme(before => before + 1)), []);
  useEffect(() => {
    const place = host.current;
    if (!place || !canDraw()) {
      return undefined;
    }
    const made = new Plot(place, shape, {
      aim: (x, run) => {
        linked.aimAt(x === null ? null : { x, from: place });
        linked.point(run);
        latest.current.onHover?.(run);
      },
      zoom: range => linked.magnify(range)
    });
    plot.current = made;
    const sizes = new ResizeObserver(() =>
      made.resize(place.clientWidth, latest.current.height ?? Math.max(90, place.clientHeight))
    );
    sizes.observe(place);
    return () => {
      sizes.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, theme, linked]);

  const yRange = props.yRange;
  useEffect(() => {
    const shown = plot.current;
    if (!shown) {
      return undefined;
    }
    const view = () => shown.look(linked.zoom as Range | null, yRange ?? [null, null]);
    const all = () => shown.show(lines, linked.out);
    const focus = () => shown.focus(linked.run);
    const follow = () => {
      const { aim } = linked;
      shown.aim(aim?.x ?? null);
      setHover(aim ? hovered(shown, aim.x, aim.from === host.current) : null);
    };
    // many events in one frame are drawn once
    const due = new Set<() => void>();
    let frame = 0;
    const soon = (act: () => void) => {
      due.add(act);
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        const acts = [...due];
        due.clear();
        acts.forEach(each => each());
      });
    };
    all();
    view();
    focus();
    const off = linked.on(part => {
      if (part === 'run') {
        soon(focus);
      } else if (part === 'zoom') {
        soon(view);
      } else if (part === 'hidden') {
        soon(all);
      }
      soon(follow);
    });
    return () => {
      off();
      cancelAnimationFrame(frame);
    };
  }, [lines, linked, yRange, shape, theme]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (plot.current && host.current && act(event.key, event.shiftKey, plot.current, linked, host.current, lines, logX)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const said = hover
    ? `${axisText(hover.x, xAxis)}: ${hover.readings.map(({ name, y }) => `${name} ${number(y)}`).join(', ')}`
    : '';
  const whole = extent(lines.flatMap(({ x }) => (x.length ? [x[0], x[x.length - 1]] : []))) ?? [0, 1];
  return (
    <div
      className="jmo-curves"
      role="slider"
      tabIndex={0}
      aria-label={t('%1, crosshair', props.title)}
      aria-valuemin={whole[0]}
      aria-valuemax={whole[1]}
      aria-valuenow={hover?.x ?? whole[0]}
      aria-valuetext={said || t('Arrow keys move it, + and - zoom, Escape shows all')}
      onKeyDown={onKeyDown}
      onBlur={() => linked.aimAt(null)}
      style={height === undefined ? undefined : { flex: 'none', height }}
    >
      <div className="jmo-curves-place" ref={host} />
      {lines.length > 0 && !lines.some(({ y }) => y.some(Number.isFinite)) ? (
        <p className="jmo-curves-none jmo-muted">{logX || logY ? t('Nothing above 0') : t('No finite value')}</p>
      ) : null}
      {hover?.places.map((place, index) => (
        <i
          key={hover.readings[index].run}
          className="jmo-curve-dot"
          style={{ transform: `translate(${place.left}px, ${place.top}px)`, background: hover.readings[index].color }}
        />
      ))}
      {hover?.own ? (
        <Tip
          at={hover.left}
          head={xAxis === 'step' ? t('Step %1', number(hover.x)) : axisText(hover.x, xAxis)}
          rows={Math.max(3, Math.floor(((height ?? 400) - 50) / 17))}
          readings={hover.readings}
          run={linked.run}
        />
      ) : null}
    </div>
  );
}

/** Where there is no canvas, the table of the summary is what's left. */
const canDraw = (): boolean => document.createElement('canvas').getContext('2d') !== null;

function hovered(plot: Plot, x: number, own: boolean): IHover {
  const readings = plot.readings(x);
  const places = readings.slice(0, 24).map(reading => plot.place(reading.x, reading.y));
  return { left: plot.place(x, 0).left, x: readings[0]?.x ?? x, readings, places, own };
}

function axisText(x: number, axis: XAxis): string {
  return axis === 'time' ? date(x) : axis === 'relative' ? duration(x) : number(x);
}

/** What a key does; false when it does nothing here. */
function act(
  key: string,
  shift: boolean,
  plot: Plot,
  linked: Linked,
  from: object,
  lines: readonly ILine[],
  log: boolean
): boolean {
  const seen = plot.xRange;
  const at = linked.aim?.x ?? valueAt(0.5, seen, log);
  const step = (by: number) => {
    const next = Math.min(1, Math.max(0, share(at, seen, log) + by));
    linked.aimAt({ x: valueAt(next, seen, log), from });
  };
  const acts: Record<string, () => void> = {
    ArrowLeft: () => (shift ? linked.magnify(moved(seen, -0.2, log)) : step(-0.01)),
    ArrowRight: () => (shift ? linked.magnify(moved(seen, 0.2, log)) : step(0.01)),
    Home: () => linked.aimAt({ x: seen[0], from }),
    End: () => linked.aimAt({ x: seen[1], from }),
    '+': () => linked.magnify(scaled(seen, 0.5, at, log)),
    '=': () => linked.magnify(scaled(seen, 0.5, at, log)),
    '-': () => linked.magnify(scaled(seen, 2, at, log))
  };
  if (key === 'Escape' && (linked.zoom || linked.aim)) {
    linked.magnify(null);
    linked.aimAt(null);
    return true;
  }
  if (!(key in acts) || !lines.length) {
    return false;
  }
  acts[key]();
  return true;
}
