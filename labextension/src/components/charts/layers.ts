/**
 * Two canvases over the plotting area: all curves on the one, the curve that stands out on the other. So pointing at a curve draws that
 * one and fades the rest by CSS, instead of drawing fifty of them again.
 */
import { firstFrom, type IColumns } from '../../model/charts/series';
import type { Range } from '../../model/charts/scale';
import { barsOf, drawThinned } from '../../model/charts/thin';

export interface ILine extends IColumns {
  run: string;
  name: string;
  color: string;
  dash: number[];
  /** As logged, when `y` is smoothed. */
  raw: Float64Array | null;
}

export interface IView {
  x: Range;
  y: Range;
  logX: boolean;
  logY: boolean;
}

/** So many lines, or points a pixel column, are many: then curves are thinner and solid, and have no raw curve behind them. */
const LINES = 20;
const POINTS = 12;

export class Layers {
  /** @param ink resolves a CSS colour */
  constructor(
    place: HTMLElement,
    private readonly ink: (color: string) => string
  ) {
    this.back = layer(place, 'jmo-layer');
    this.front = layer(place, 'jmo-layer jmo-layer-front');
  }

  /** Draw the lines as seen in `view`; `focus` is the run that stands out. */
  draw(lines: readonly ILine[], view: IView, focus: string | null): void {
    this.lines = lines;
    this.view = view;
    for (const canvas of [this.back, this.front]) {
      fit(canvas);
    }
    const pen = cleared(this.back);
    const points = lines.reduce((sum, { x }) => sum + firstFrom(x, view.x[1]) - firstFrom(x, view.x[0]), 0);
    this.many = lines.length > LINES || points > POINTS * this.back.width;
    lines.forEach(line => this.stroke(pen, line, false));
    this.focus(focus);
  }

  focus(run: string | null): void {
    const found = this.lines.filter(line => line.run === run);
    const pen = cleared(this.front);
    found.forEach(line => this.stroke(pen, line, true));
    this.back.style.opacity = found.length ? '0.24' : '';
  }

  private stroke(pen: CanvasRenderingContext2D, line: ILine, front: boolean): void {
    const ratio = devicePixelRatio || 1;
    const { back, view, many } = this;
    if (!view) {
      return;
    }
    const color = this.ink(line.color);
    const seen: Range = [
      Math.max(0, firstFrom(line.x, view.x[0]) - 1),
      Math.min(line.x.length, firstFrom(line.x, view.x[1]) + 1)
    ];
    const dense = seen[1] - seen[0] > back.width;
    const toX = placer(view.x, view.logX, 0, back.width);
    const toY = placer(view.y, view.logY, back.height, 0);
    if (dense && many && !front) {
      pen.fillStyle = color;
      barsOf(line, seen, toX, toY, (left, top, height) => pen.fillRect(left, top, ratio, height), ratio);
      return;
    }
    pen.strokeStyle = color;
    // to dash a curve that fills its pixel columns takes long, and can't be seen
    pen.setLineDash(dense || many ? [] : line.dash.map(length => length * ratio));
    pen.lineJoin = dense || many ? 'bevel' : 'round';
    const stroke = (y: Float64Array) => {
      const path = new Path2D();
      drawThinned(path, { x: line.x, y }, seen, toX, toY, ratio);
      pen.stroke(path);
    };
    if (line.raw && (front || !many)) {
      pen.globalAlpha = 0.25;
      pen.lineWidth = ratio;
      stroke(line.raw);
    }
    pen.globalAlpha = 1;
    // a width of one pixel is drawn much faster than a wider one
    pen.lineWidth = (front ? 2.4 : many ? 1 : 1.7) * ratio;
    stroke(line.y);
    if (!dense) {
      this.dot(pen, line, seen, toX, toY);
    }
  }

  /** A point without neighbours makes no line: it is a dot. */
  private dot(pen: CanvasRenderingContext2D, { x, y }: ILine, [from, to]: Range, toX: Placer, toY: Placer): void {
    const path = new Path2D();
    let some = false;
    for (let at = from; at < to; at += 1) {
      if (Number.isFinite(y[at]) && !Number.isFinite(y[at - 1] ?? NaN) && !Number.isFinite(y[at + 1] ?? NaN)) {
        path.moveTo(toX(x[at]), toY(y[at]));
        path.lineTo(toX(x[at]) + 0.01, toY(y[at])); // a line of no length has no ends to be round
        some = true;
      }
    }
    if (some) {
      pen.setLineDash([]);
      pen.lineCap = 'round';
      pen.lineWidth = 5 * (devicePixelRatio || 1);
      pen.stroke(path);
      pen.lineCap = 'butt';
    }
  }

  private readonly back: HTMLCanvasElement;
  private readonly front: HTMLCanvasElement;
  private lines: readonly ILine[] = [];
  private view: IView | null = null;
  private many = false;
}

type Placer = (value: number) => number;

/** From a value to pixels, `from` at the low end and `to` at the high one. */
function placer([low, high]: Range, log: boolean, from: number, to: number): Placer {
  const scale = (to - from) / (log ? Math.log(high / low) : high / 2 - low / 2);
  const start = Math.log(low);
  return log ? value => from + (Math.log(value) - start) * scale : value => from + (value / 2 - low / 2) * scale; // halves, whose difference is always a number
}

function layer(place: HTMLElement, name: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.className = name;
  place.appendChild(canvas);
  return canvas;
}

/** As many pixels as its place has; to set them, even to the same, empties the canvas and costs time. */
function fit(canvas: HTMLCanvasElement): void {
  const ratio = devicePixelRatio || 1;
  const width = Math.round((canvas.parentElement?.clientWidth ?? 0) * ratio);
  const height = Math.round((canvas.parentElement?.clientHeight ?? 0) * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
}

function cleared(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  return pen;
}
