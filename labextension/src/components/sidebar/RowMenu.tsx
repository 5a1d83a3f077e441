/** What can be done with a row: a menu, and buttons on the row. */
import type { INode } from '../../model/tree/nodes';
import { Menu, type IMenuItem } from '../ui';
import { actionsOf, type IAction } from './actions';
import type { IWorkbench } from './workbench';

const NO_ACTIONS: IAction[] = [];
const quick = new WeakMap<object, IAction[]>();

/** The same list for the same row, so that rows that didn't change aren't drawn again. */
export function quickOf(node: INode, bench: IWorkbench): IAction[] {
  const { item } = node;
  const key =
    item.type === 'workflow' ? item.workflow : item.type === 'function' ? item.function : item.type === 'run' ? item.run : null;
  if (item.type === 'note' || item.type === 'more' || item.type === 'kind' || item.type === 'problem') {
    return NO_ACTIONS;
  }
  const known = key && quick.get(key);
  const found = known || actionsOf(item, bench).filter(action => action.quick);
  if (key && !known) {
    quick.set(key, found);
  }
  return found;
}

export function RowMenu({
  node,
  x,
  y,
  bench,
  onClose
}: {
  node: INode;
  x: number;
  y: number;
  bench: IWorkbench;
  onClose(): void;
}) {
  const actions = actionsOf(node.item, bench);
  const items: (IMenuItem | 'line')[] = actions.flatMap(({ label, icon, run, apart }) => {
    const item: IMenuItem = { label, icon, run };
    return apart ? ['line' as const, item] : [item];
  });
  const height = items.length * 28 + 12;
  const top = Math.max(4, Math.min(y, window.innerHeight - height));
  return <Menu items={items} label={node.label} onClose={onClose} style={{ position: 'fixed', left: x, top }} />;
}
