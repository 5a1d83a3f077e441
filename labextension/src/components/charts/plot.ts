/** One plot of metric curves. uPlot draws axes and crosshair and knows the scales; the curves are drawn here, since each has its own x. */
import uPlot from 'uplot';
import { firstFrom, nearest, type IColumns } from '../../model/charts/series';
import { extent, moved, padded, scaled, share, valueAt, type Range } from '../../model/charts/scale';
import { drawThinned } from '../../model/charts/thin';
import { axes, type IShape } from './axes';
import { inkAt } from './ink';

export interface ILine extends IColumns {
  run: string;
  name: string;
  color: string;
  dash: number[];
  /** As logged, when `y` is smoothed. */
  raw: Float64Array | null;
}

export interface IReading {
  run: string;
  name: string;
  color: string;
  x: number;
  y: number;
}

/** What somebody does with the plot. */
export interface IPlotEvents {
  /** The pointer is at x (and over this line); null when it left. */
  aim(x: number | null, run: string | null): void;
  zoom(range: Range | null): void;
}

const PROXIMITY = 24;

export class Plot {
  constructor(
    private readonly host: HTMLElement,
    private readonly shape: IShape,
    private readonly events: IPlotEvents
  ) {
    this.plot = new uPlot(this.options(), this.frame(), host);
    this.plot.over.addEventListener('mouseleave', () => this.events.aim(null, null));
    this.plot.over.addEventListener('wheel', this.onWheel, { passive: false });
  }

  /** Show these lines; `hidden` aren't drawn, `focus` stands out. */
  show(lines: readonly ILine[], hidden: ReadonlySet<string>): void {
    this.lines = lines.filter(line => !hidden.has(line.run));
    this.renew();
  }

  look(zoom: Range | null, yRange: readonly [number | null, number | null]): void {
    this.zoom = zoom;
    this.yRange = yRange;
    this.renew();
  }

  /** Make one line stand out. */
  focus(run: string | null): void {
    if (run !== this.focused) {
      this.focused = run;
      this.plot.redraw(false, false);
    }
  }

  /** Put the crosshair at x; null takes it away. Fires no event. */
  aim(x: number | null): void {
    const left = x === null ? -10 : this.plot.valToPos(x, 'x');
    this.plot.setCursor({ left, top: x === null ? -10 : 0 }, false);
  }

  resize(width: number, height: number): void {
    if (width > 0 && (width !== this.plot.width || height !== this.plot.height)) {
      this.plot.setSize({ width, height });
    }
  }

  destroy(): void {
    this.plot.destroy();
  }

  get xRange(): Range {
    if (this.zoom) {
      return this.zoom;
    }
    const ends = this.lines.flatMap(({ x }) => (x.length ? [x[0], x[x.length - 1]] : []));
    const [low, high] = extent(ends) ?? (this.shape.logX ? [1, 10] : [0, 1]);
    return low === high ? padded([low, high], this.shape.logX) : [low, high];
  }

  /** Value of each line at x, highest first. A line that ended well before x, or begins after, has none. */
  readings(x: number): IReading[] {
    const [low, high] = this.xRange;
    const reach = (high - low) / 40;
    const found: IReading[] = [];
    for (const { run, name, color, x: xs, y } of this.lines) {
      const at = nearest(xs, x);
      const inside = at >= 0 && x >= xs[0] - reach && x <= xs[xs.length - 1] + reach;
      if (inside && Number.isFinite(y[at])) {
        found.push({ run, name, color, x: xs[at], y: y[at] });
      }
    }
    return found.sort((a, b) => b.y - a.y);
  }

  /** Where a point is, in CSS pixels from the host's top left. */
  place(x: number, y: number): { left: number; top: number } {
    const { offsetLeft, offsetTop } = this.plot.over;
    return { left: offsetLeft + this.plot.valToPos(x, 'x'), top: offsetTop + this.plot.valToPos(y, 'y') };
  }

  private frame(): uPlot.AlignedData {
    const [low, high] = this.xRange;
    return [
      [low, high],
      [null, null]
    ];
  }

  private renew(): void {
    this.paths.clear();
    this.plot.setData(this.frame(), true);
  }

  private ySpan(): Range {
    const [low, high] = this.yRange;
    const [from, to] = this.xRange;
    const seen = function* (lines: readonly ILine[]) {
      for (const { x, y } of lines) {
        yield* y.subarray(Math.max(0, firstFrom(x, from)), Math.min(x.length, firstFrom(x, to) + 1));
      }
    };
    const { logY } = this.shape;
    const [auto, top] = padded(extent(seen(this.lines), logY) ?? (logY ? [1, 10] : [0, 1]), logY);
    const min = low ?? auto;
    const max = high ?? top;
    return max > min && (!logY || min > 0) ? [min, max] : [auto, top];
  }

  private draw = (plot: uPlot): void => {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio || 1;
    const ink = inkAt(this.host);
    const many = this.lines.length > 20;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top - ratio, bbox.width, bbox.height + 2 * ratio);
    ctx.clip();
    ctx.lineJoin = 'round';
    const inFront = this.lines.filter(line => line.run === this.focused);
    const dimmed = inFront.length > 0;
    for (const line of dimmed ? [...this.lines.filter(other => !inFront.includes(other)), ...inFront] : this.lines) {
      const front = inFront.includes(line);
      const alpha = dimmed && !front ? 0.22 : 1;
      ctx.strokeStyle = ink(line.color);
      ctx.setLineDash(line.dash.map(length => length * ratio));
      if (line.raw && !many) {
        ctx.globalAlpha = alpha * 0.25;
        ctx.lineWidth = ratio;
        ctx.stroke(this.path(line, line.raw, 'raw'));
      }
      ctx.globalAlpha = alpha;
      ctx.lineWidth = (front ? 2.4 : many ? 1.2 : 1.7) * ratio;
      ctx.stroke(this.path(line, line.y, 'line'));
    }
    ctx.restore();
  };

  /** The curve in canvas pixels; made once for each view. */
  private path(line: ILine, y: Float64Array, what: string): Path2D {
    const id = `${what} ${line.run}`;
    const known = this.paths.get(id);
    if (known) {
      return known;
    }
    const { bbox, scales } = this.plot;
    const { logX, logY } = this.shape;
    const xs: Range = [scales.x.min ?? 0, scales.x.max ?? 1];
    const ys: Range = [scales.y.min ?? 0, scales.y.max ?? 1];
    const path = new Path2D();
    const seen: Range = [Math.max(0, firstFrom(line.x, xs[0]) - 1), Math.min(line.x.length, firstFrom(line.x, xs[1]) + 1)];
    const toX = (value: number) => bbox.left + share(value, xs, logX) * bbox.width;
    const toY = (value: number) => bbox.top + (1 - share(value, ys, logY)) * bbox.height;
    drawThinned(path, { x: line.x, y }, seen, toX, toY, devicePixelRatio || 1);
    this.paths.set(id, path);
    return path;
  }

  private options(): uPlot.Options {
    const { time, logX, logY, height } = this.shape;
    const log = { distr: 3, log: 10 } as const;
    return {
      width: Math.max(60, this.host.clientWidth),
      height,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      scales: {
        x: { time, range: () => this.xRange, ...(logX ? log : {}) },
        y: { range: () => this.ySpan(), ...(logY ? log : {}) }
      },
      series: [{}, { show: false }],
      axes: axes(this.shape, this.host),
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 4 },
        bind: {
          mousedown: (plot, _, usual) => event => {
            if (event.shiftKey) {
              this.pan(plot, event);
            } else {
              usual(event);
            }
            return null;
          },
          dblclick: () => () => {
            this.events.zoom(null);
            return null;
          }
        }
      },
      hooks: { draw: [this.draw], setCursor: [this.onCursor], setSelect: [this.onSelect], setSize: [() => this.paths.clear()] }
    };
  }

  private onCursor = (plot: uPlot): void => {
    const { left, top } = plot.cursor;
    if (left === undefined || top === undefined || left < 0) {
      return;
    }
    const x = plot.posToVal(left, 'x');
    const distances = this.readings(x).map(({ run, y }) => ({ run, distance: Math.abs(plot.valToPos(y, 'y') - top) }));
    const closest = distances.reduce((a, b) => (b.distance < a.distance ? b : a), { run: '', distance: PROXIMITY });
    this.events.aim(x, closest.run || null);
  };

  private onSelect = (plot: uPlot): void => {
    const { left, width } = plot.select;
    if (width > 3) {
      const { logX } = this.shape;
      const seen = this.xRange;
      const part = (px: number) => valueAt(px / plot.over.clientWidth, seen, logX);
      this.events.zoom([part(left), part(left + width)]);
      plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    }
  };

  /** With Ctrl or ⌘; the wheel alone scrolls the page. */
  private onWheel = (event: WheelEvent): void => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const at = this.plot.posToVal(event.offsetX, 'x');
      this.events.zoom(scaled(this.xRange, event.deltaY > 0 ? 1.25 : 0.8, at, this.shape.logX));
    }
  };

  /** Move what is seen along with the pointer until it is let go. */
  private pan(plot: uPlot, start: MouseEvent): void {
    const seen = this.xRange;
    const ends = new AbortController();
    const follow = (event: MouseEvent) =>
      this.events.zoom(moved(seen, (start.clientX - event.clientX) / plot.over.clientWidth, this.shape.logX));
    window.addEventListener('mousemove', follow, { signal: ends.signal });
    window.addEventListener('mouseup', () => ends.abort(), { signal: ends.signal });
  }

  private readonly plot: uPlot;
  private lines: ILine[] = [];
  private readonly paths = new Map<string, Path2D>();
  private zoom: Range | null = null;
  private yRange: readonly [number | null, number | null] = [null, null];
  private focused: string | null = null;
}
