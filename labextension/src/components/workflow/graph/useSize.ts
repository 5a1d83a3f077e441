/** The size of an element. A tab of Lab that is hidden has none when it's made: it comes when the tab is seen. */
import { useLayoutEffect, useState, type RefObject } from 'react';

export interface ISize {
  width: number;
  height: number;
}

export function useSize(element: RefObject<HTMLElement>): ISize | null {
  const [size, setSize] = useState<ISize | null>(null);
  useLayoutEffect(() => {
    const node = element.current;
    if (!node) {
      return undefined;
    }
    const note = (width: number, height: number) => {
      if (width > 0 && height > 0) {
        setSize(before => (before && same(before.width, width) && same(before.height, height) ? before : { width, height }));
      }
    };
    note(node.clientWidth, node.clientHeight); // before anything is painted
    const observer = new ResizeObserver(([{ contentRect }]) =>
      note(Math.round(contentRect.width), Math.round(contentRect.height))
    );
    observer.observe(node);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

const same = (one: number, other: number): boolean => Math.abs(one - other) < 24;
