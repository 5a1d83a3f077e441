/** What happy-dom lacks and React Flow, uPlot and the virtual tables need: sizes, and observers of sizes. */
import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';

afterEach(cleanup);

class SizeObserver implements ResizeObserver {
  constructor(private callback: ResizeObserverCallback) {}
  observe(target: Element): void {
    const [width, height] = [target.clientWidth || 900, target.clientHeight || 500];
    const contentRect = { width, height, top: 0, left: 0, right: width, bottom: height, x: 0, y: 0 };
    this.callback([{ target, contentRect } as ResizeObserverEntry], this);
  }
  unobserve(): void {}
  disconnect(): void {}
}

class Matrix {
  m22 = 1;
}

globalThis.ResizeObserver = SizeObserver;
Object.assign(globalThis, { DOMMatrixReadOnly: Matrix });
Object.defineProperties(HTMLElement.prototype, {
  offsetWidth: { get: () => 212, configurable: true },
  offsetHeight: { get: () => 84, configurable: true }
});
Object.assign(SVGElement.prototype, { getBBox: () => ({ x: 0, y: 0, width: 0, height: 0 }) });
HTMLCanvasElement.prototype.getContext = () => null;
globalThis.matchMedia ??= (media: string) =>
  ({ media, matches: false, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;
