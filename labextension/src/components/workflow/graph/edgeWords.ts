/** A connection in words. */
import type { IHost } from '../../../model/host';
import type { IEdge } from '../../../model/workflow/graph';

/** `raw.data to train.data`; of order alone `raw before train`. */
export function edgeWord({ source, output, target, slot }: IEdge, t: IHost['t']): string {
  const from = output === null ? source : `${source}.${output}`;
  switch (slot.field) {
    case 'after':
      return t('%1 before %2', source, target);
    case 'when':
      return t('%1 to the condition of %2', from, target);
    case 'sweep':
      return t('%1 to the sweep of %2', from, target);
    default:
      return t('%1 to %2', from, `${target}.${slot.name}`);
  }
}

/** What makes an edge of React Flow something that can have the focus, and is read out. */
export const edgeAttributes = (edge: IEdge, t: IHost['t']) => ({
  role: 'button' as const,
  tabIndex: -1,
  'aria-roledescription': t('connection'),
  'aria-label': edgeWord(edge, t)
});
