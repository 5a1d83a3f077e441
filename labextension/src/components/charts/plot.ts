/** One plot of metric curves. uPlot draws axes and crosshair and knows the scales; the curves are drawn here, since each has its own x. */
import uPlot from 'uplot';
import { firstFrom, nearest } from '../../model/charts/series';
import { extent, moved, padded, scaled, unitOf, valueAt, type Range } from '../../model/charts/scale';
import { axes, type IShape } from './axes';
import { inkAt } from './ink';
import { Layers, type ILine } from './layers';

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
    this.ink = inkAt(host);
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
      this.layers?.focus(run);
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
    return { left: offsetLeft + this.plot.valToPos(x, 'x'), top: offsetTop + this.top(y) };
  }

  private top = (y: number): number => this.plot.valToPos(y / this.unit, 'y');

  private frame(): uPlot.AlignedData {
    const [low, high] = this.xRange;
    return [
      [low, high],
      [null, null]
    ];
  }

  private renew(): void {
    this.plot.setData(this.frame(), true);
  }

  private ySpan(): Range {
    const [low, high] = this.yRange;
    const [from, to] = this.xRange;
    const { logY } = this.shape;
    let [least, most] = [Infinity, -Infinity];
    for (const { x, y } of this.lines) {
      const end = Math.min(x.length, firstFrom(x, to) + 1);
      for (let at = Math.max(0, firstFrom(x, from) - 1); at < end; at += 1) {
        // false for NaN
        if (y[at] < least) {
          least = y[at];
        }
        if (y[at] > most) {
          most = y[at];
        }
      }
    }
    const range: Range = least > most ? (logY ? [1, 10] : [0, 1]) : [least, most];
    const [auto, top] = padded(range, logY);
    const min = low ?? auto;
    const max = high ?? top;
    return max > min && (!logY || min > 0) ? [min, max] : [auto, top];
  }

  /** The scale of y, in units. */
  private yScale(): Range {
    const span = this.ySpan();
    this.unit = unitOf(span);
    return [span[0] / this.unit, span[1] / this.unit];
  }

  private draw = (plot: uPlot): void => {
    const { x, y } = plot.scales;
    const { unit } = this;
    const { logX, logY } = this.shape;
    this.layers ??= new Layers(plot.under, this.ink);
    const seen = { x: [x.min ?? 0, x.max ?? 1] as Range, y: [(y.min ?? 0) * unit, (y.max ?? 1) * unit] as Range };
    this.layers.draw(this.lines, { ...seen, logX, logY }, this.focused);
  };

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
        y: { range: () => this.yScale(), ...(logY ? log : {}) }
      },
      series: [{}, { show: false }],
      axes: axes(this.shape, this.host, this.ink, () => this.unit),
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
      hooks: { draw: [this.draw], setCursor: [this.onCursor], setSelect: [this.onSelect] }
    };
  }

  private onCursor = (plot: uPlot): void => {
    const { left, top } = plot.cursor;
    if (left === undefined || top === undefined || left < 0) {
      return;
    }
    const x = plot.posToVal(left, 'x');
    const distances = this.readings(x).map(({ run, y }) => ({ run, distance: Math.abs(this.top(y) - top) }));
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
  private layers: Layers | null = null;
  private readonly ink: (color: string) => string;
  /** The size of a 1 on the y scale. */
  private unit = 1;
  private zoom: Range | null = null;
  private yRange: readonly [number | null, number | null] = [null, null];
  private focused: string | null = null;
}
