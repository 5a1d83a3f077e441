/** Connections by keyboard: Tab goes from a step through those at it and on, arrows to either end of one, Delete removes it. */
import type { KeyboardEvent } from 'react';
import type { IEdge } from '../../../model/workflow/graph';
import type { IEditor } from '../context';
import type { ISteps } from './useSteps';

interface ICanvas {
  links: readonly IEdge[];
  editor: Pick<IEditor, 'selected' | 'select' | 'readonly'>;
  steps: Pick<ISteps, 'remove'>;
  /** Those that are selected, as by a click. */
  picked: readonly IEdge[];
}

/** Does what a key means for connections; answers whether it meant anything, and is done with. */
export function pressOnEdges(event: KeyboardEvent, { links, editor, steps, picked }: ICanvas): boolean {
  const canvas = event.currentTarget;
  const target = event.target as Element;
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return false;
  }
  const drawn = new Map([...canvas.querySelectorAll<SVGElement>('.react-flow__edge')].map(each => [each.dataset.id, each]));
  const owner = editor.selected[editor.selected.length - 1];
  const around = links.filter(({ id, source, target: to }) => drawn.has(id) && (source === owner || to === owner));
  const toStep = (): void =>
    (
      canvas.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(owner ?? '')}"] .jmo-node`) ??
      (canvas as HTMLElement)
    ).focus({ preventScroll: true });
  const go = (edge: IEdge | undefined): void => (edge ? drawn.get(edge.id)?.focus({ preventScroll: true }) : toStep());

  const id = target.closest<SVGElement>('.react-flow__edge')?.dataset.id;
  const here = links.find(edge => edge.id === id);
  if (here === undefined) {
    const enters = event.key === 'Tab' && !event.shiftKey && around.length > 0 && target.closest('.jmo-node') !== null;
    if (enters) {
      go(around[0]);
    }
    return enters;
  }
  const at = around.findIndex(edge => edge.id === here.id);
  const round = (by: number): void => go(around[(at + by + around.length) % around.length] ?? here);
  const remove = (): void => {
    if (!editor.readonly) {
      toStep();
      steps.remove([], [here]);
    }
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => round(1),
    ArrowUp: () => round(-1),
    ArrowLeft: () => editor.select([here.source], { reveal: true }),
    ArrowRight: () => editor.select([here.target], { reveal: true }),
    Enter: () => editor.select([here.target], { reveal: true }),
    Escape: toStep,
    ...(picked.some(edge => edge.id === here.id) ? {} : { Delete: remove, Backspace: remove })
  };
  if (event.key === 'Tab') {
    const next = event.shiftKey ? around[at - 1] : around[at + 1];
    go(next);
    return next !== undefined || event.shiftKey; // behind the last, Tab goes on from the step
  }
  keys[event.key]?.();
  return event.key in keys;
}
