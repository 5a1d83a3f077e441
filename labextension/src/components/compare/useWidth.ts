import { useEffect, useState, type RefObject } from 'react';

/** The width of an element, kept fresh; `first` until it is known. */
export function useWidth(place: RefObject<HTMLElement>, first = 480): number {
  const [width, setWidth] = useState(first);
  useEffect(() => {
    const element = place.current;
    if (!element) {
      return undefined;
    }
    const observer = new ResizeObserver(
      ([entry]) => entry.contentRect.width > 0 && setWidth(Math.round(entry.contentRect.width))
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return width;
}
