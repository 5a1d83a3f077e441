/** Functions and workflows dragged from the tree onto a canvas. */
import { useRef, type DragEvent, type MouseEvent } from 'react';
import type { INode, Item } from '../../model/tree/nodes';
import { MIME, type Dropped } from '../../model/workflow/drops';

/** What is dropped on a canvas; null for what can't be dragged. */
export function asDragged(item: Item): Dropped | null {
  switch (item.type) {
    case 'function':
      return item.function.problem ? null : { function: item.function.name };
    case 'workflow':
      return { workflow: item.workflow.name };
    default:
      return null;
  }
}

/** A drag is of the row that was pressed: the tree may have moved below the pointer since, and the browser takes what is there now. */
export function useDrag(nodeAt: (event: MouseEvent) => INode | undefined) {
  const pressed = useRef<INode>();
  return {
    onPointerDown: (event: MouseEvent) => {
      pressed.current = nodeAt(event);
    },
    onDragStart: (event: DragEvent<HTMLElement>) => {
      const below = nodeAt(event);
      const node = pressed.current ?? below;
      const what = node && asDragged(node.item);
      if (!what) {
        event.preventDefault();
        return;
      }
      event.dataTransfer.setData(MIME, JSON.stringify(what));
      event.dataTransfer.setData('text/plain', node.label);
      event.dataTransfer.effectAllowed = 'copy';
      const row = event.currentTarget.querySelector(`[data-node="${CSS.escape(node.id)}"]`);
      if (row && node.id !== below?.id) {
        event.dataTransfer.setDragImage(row, 12, 12);
      }
    }
  };
}
