/** Canvases for tests: happy-dom has none. They draw nothing, and note what they were asked to draw. */

export interface IStroke {
  color: string;
  width: number;
  alpha: number;
  dash: number[];
  /** The points of the path, in canvas pixels. */
  points: [number, number][];
}

class NotedPath {
  readonly points: [number, number][] = [];
  moveTo(x: number, y: number): void {
    this.points.push([x, y]);
  }
  lineTo(x: number, y: number): void {
    this.points.push([x, y]);
  }
  rect(): void {}
  arc(): void {}
}

/** Sees everything at once. */
class Seen {
  constructor(private readonly callback: IntersectionObserverCallback) {}
  observe(target: Element): void {
    this.callback([{ target, isIntersecting: true } as IntersectionObserverEntry], this as unknown as IntersectionObserver);
  }
  unobserve(): void {}
  disconnect(): void {}
}

/** Give the page canvases, and elements a size; `strokes` tells what is on those that fit the selector, `texts` what was written. */
export function withCanvas(): { strokes(selector: string): IStroke[]; texts(): string[] } {
  const drawn = new WeakMap<HTMLCanvasElement, IStroke[]>();
  const written: string[] = [];
  const contexts = new WeakMap<HTMLCanvasElement, object>();
  const context = (canvas: HTMLCanvasElement): object => {
    const state: Record<string, unknown> = { canvas, globalAlpha: 1, lineWidth: 1, strokeStyle: '', dash: [] };
    const acts: Record<string, unknown> = {
      measureText: () => ({ width: 30 }),
      fillText: (text: string) => void written.push(text),
      setLineDash: (dash: number[]) => void (state.dash = dash),
      clearRect: () => void drawn.set(canvas, []),
      stroke: (path?: NotedPath) => {
        if (path) {
          const { strokeStyle: color, lineWidth: width, globalAlpha: alpha, dash } = state;
          drawn.set(canvas, [...(drawn.get(canvas) ?? []), { color, width, alpha, dash, points: path.points } as IStroke]);
        }
      }
    };
    return new Proxy(state, {
      get: (_, name: string) => acts[name] ?? (name in state ? state[name] : () => undefined),
      set: (_, name: string, value) => {
        state[name] = value;
        return true;
      }
    });
  };
  Object.assign(globalThis, { Path2D: NotedPath, IntersectionObserver: Seen });
  Object.defineProperties(HTMLElement.prototype, {
    clientWidth: { get: () => 400, configurable: true },
    clientHeight: { get: () => 200, configurable: true }
  });
  HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement) {
    const found = contexts.get(this) ?? context(this);
    contexts.set(this, found);
    return found;
  } as unknown as HTMLCanvasElement['getContext'];
  const strokes = (selector: string) =>
    [...document.querySelectorAll<HTMLCanvasElement>(selector)].flatMap(one => drawn.get(one) ?? []);
  return { strokes, texts: () => written };
}
