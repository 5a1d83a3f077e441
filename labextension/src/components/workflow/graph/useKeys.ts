/** The canvas by keyboard. React Flow's own keys listen to the whole document, so they're off: these hear the canvas alone. */
import { useMemo, type ClipboardEvent, type KeyboardEvent } from 'react';
import type { Place } from '../../../model/workflow/edits';
import { isFragment } from '../../../model/workflow/fragments';
import type { IEdge } from '../../../model/workflow/graph';
import type { IEditor } from '../context';
import type { IElements } from './elements';
import { pressOnEdges } from './edgeKeys';
import type { ISteps } from './useSteps';

export interface IActs {
  palette(): void;
  connect(from: string): void;
  search(): void;
  fit(): void;
  inspect(): void;
}

const ARROWS: Record<string, Place> = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

const isTyping = (target: EventTarget): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [contenteditable=true], .jmo-menu') !== null;

export function useKeys(editor: IEditor, elements: IElements, steps: ISteps, picked: readonly IEdge[], acts: IActs) {
  return useMemo(() => {
    const { selected, select, undo, redo } = editor;
    const writing = !editor.readonly;

    const walk = (by: Place, extend: boolean) => {
      const next = neighbour(elements, selected[selected.length - 1] ?? null, by);
      if (next !== null) {
        select(extend ? [...new Set([...selected, next])] : [next], { reveal: true });
      }
    };
    const shove = ([x, y]: Place) => {
      const moved = selected.filter(name => elements.places[name]);
      if (writing && moved.length) {
        steps.move(
          Object.fromEntries(moved.map(name => [name, [elements.places[name][0] + x * 16, elements.places[name][1] + y * 16]]))
        );
      }
    };
    const plain: Record<string, () => void> = {
      Delete: () => writing && steps.remove(selected, picked),
      Backspace: () => writing && steps.remove(selected, picked),
      Enter: () => (selected.length ? acts.inspect() : writing && acts.palette()),
      a: () => writing && acts.palette(),
      c: () => writing && selected.length === 1 && acts.connect(selected[0]),
      f: () => acts.fit(),
      Escape: () => select([])
    };
    const withControl: Record<string, () => void> = {
      z: undo,
      y: redo,
      d: () => writing && steps.duplicate(selected),
      a: () => select(elements.nodes.map(node => node.id)),
      f: () => acts.search()
    };

    const commandOf = (event: KeyboardEvent): (() => void) | undefined => {
      const control = event.ctrlKey || event.metaKey;
      const arrow = ARROWS[event.key];
      if (arrow) {
        return control ? undefined : event.altKey ? () => shove(arrow) : () => walk(arrow, event.shiftKey);
      }
      if (event.altKey) {
        return undefined;
      }
      if (control) {
        return event.shiftKey && event.key.toLowerCase() === 'z' ? redo : event.shiftKey ? undefined : withControl[event.key];
      }
      return plain[event.key];
    };

    return {
      onKeyDown(event: KeyboardEvent) {
        if (isTyping(event.target)) {
          return;
        }
        if (pressOnEdges(event, { links: elements.links, editor, steps, picked })) {
          event.preventDefault();
          event.stopPropagation();
          return;
        }
        // Enter and Space on a button of the canvas press it
        const onButton = event.target instanceof Element && event.target.closest('button') !== null;
        const command = onButton && (event.key === 'Enter' || event.key === ' ') ? undefined : commandOf(event);
        if (command) {
          event.preventDefault();
          event.stopPropagation();
          command();
        }
      },
      onCopy(event: ClipboardEvent) {
        if (!isTyping(event.target) && selected.length) {
          event.clipboardData.setData('text/plain', steps.copy(selected));
          event.preventDefault();
        }
      },
      onCut(event: ClipboardEvent) {
        if (!isTyping(event.target) && selected.length && writing) {
          event.clipboardData.setData('text/plain', steps.copy(selected));
          event.preventDefault();
          steps.remove(selected);
        }
      },
      onPaste(event: ClipboardEvent) {
        const text = event.clipboardData.getData('text/plain');
        if (!isTyping(event.target) && writing && isFragment(text)) {
          event.preventDefault();
          steps.paste(text);
        }
      }
    };
  }, [editor, elements, steps, picked, acts]);
}

/** The node to which an arrow leads: near, and more ahead than aside. */
export function neighbour(
  { sizes, places }: Pick<IElements, 'sizes' | 'places'>,
  from: string | null,
  [dx, dy]: Place
): string | null {
  if (from === null || !places[from]) {
    return sizes[0]?.id ?? null;
  }
  let best: { id: string; cost: number } | null = null;
  for (const { id } of sizes) {
    const x = places[id][0] - places[from][0];
    const y = places[id][1] - places[from][1];
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (id !== from && ahead > 0 && aside <= ahead * 3) {
      const cost = ahead + aside * 2;
      best = best === null || cost < best.cost ? { id, cost } : best;
    }
  }
  return best?.id ?? null;
}
