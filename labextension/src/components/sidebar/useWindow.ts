/** Which rows of the tree are drawn, and what is being typed to find one. */
import { useCallback, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react';
import type { INode } from '../../model/tree/nodes';
import { visible } from '../../model/tree/window';
import { heightOf } from './Row';

/** Which rows are drawn; `reveal` scrolls to one. */
export function useWindow(nodes: INode[], box: RefObject<HTMLDivElement>) {
  const heights = useMemo(() => nodes.map(heightOf), [nodes]);
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) {
      return undefined;
    }
    const look = () => setSeen({ top: element.scrollTop, height: element.clientHeight || 800 });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [box]);
  const reveal = (id: string) => {
    const at = nodes.findIndex(node => node.id === id);
    const top = heights.slice(0, at).reduce((sum, each) => sum + each, 0);
    const element = box.current;
    if (element && at >= 0) {
      if (top < element.scrollTop) {
        element.scrollTop = top;
      } else if (top + heights[at] > element.scrollTop + element.clientHeight) {
        element.scrollTop = top + heights[at] - element.clientHeight;
      }
    }
  };
  return { ...visible(heights, seen.top, seen.height), reveal };
}

/** Letters typed one after the other make a word. */
export function useTyped(): (letter: string) => string {
  const word = useRef({ text: '', at: 0 });
  return useCallback(letter => {
    const now = Date.now();
    const text = now - word.current.at < 700 ? word.current.text + letter : letter;
    word.current = { text, at: now };
    return text;
  }, []);
}
