/** What happy-dom lacks and React Flow, uPlot and the virtual tables need: sizes, and observers of sizes. */
import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';

afterEach(cleanup);

class SizeObserver implements ResizeObserver {
  constructor(private callback: ResizeObserverCallback) {}
  observe(target: Element): void {
    const contentRect = { width: 900, height: 500, top: 0, left: 0, right: 900, bottom: 500, x: 0, y: 0 };
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
