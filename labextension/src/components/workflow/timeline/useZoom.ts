import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

const MOST = 200;

/** Zoom of a box that scrolls to the side, and its width in pixels; what is in its middle (or under the pointer) stays there. */
export function useZoom(scroller: RefObject<HTMLElement>): {
  zoom: number;
  width: number;
  by(factor: number): void;
  fit(): void;
} {
  const [zoom, setZoom] = useState(1);
  const [width, setWidth] = useState(800);
  const anchor = useRef<{ at: number; share: number } | null>(null);

  const by = useCallback(
    (factor: number, x?: number) => {
      const box = scroller.current;
      if (box) {
        const at = x ?? box.clientWidth / 2;
        anchor.current = { at, share: (box.scrollLeft + at) / Math.max(1, box.scrollWidth) };
      }
      setZoom(before => Math.min(MOST, Math.max(1, before * factor)));
    },
    [scroller]
  );

  useLayoutEffect(() => {
    const box = scroller.current;
    if (box && anchor.current) {
      box.scrollLeft = anchor.current.share * box.scrollWidth - anchor.current.at;
      anchor.current = null;
    }
  }, [zoom, scroller]);

  useEffect(() => {
    const box = scroller.current;
    // by hand: React listens to wheels passively, and then the page would be zoomed
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        by(Math.exp(-event.deltaY / 300), event.clientX - (box?.getBoundingClientRect().left ?? 0));
      }
    };
    box?.addEventListener('wheel', onWheel, { passive: false });
    return () => box?.removeEventListener('wheel', onWheel);
  }, [scroller, by]);

  useEffect(() => {
    const sizes = new ResizeObserver(([entry]) => setWidth(entry.contentRect.width));
    if (scroller.current) {
      sizes.observe(scroller.current);
    }
    return () => sizes.disconnect();
  }, [scroller]);

  return { zoom, width, by: factor => by(factor), fit: () => setZoom(1) };
}
