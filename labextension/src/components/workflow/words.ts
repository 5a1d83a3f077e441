/** Sentences of the editor that several parts say. */
import type { IHost } from '../../model/host';
import type { Refused } from '../../model/workflow/graph';

type T = IHost['t'];

export function refusalText(refused: Refused | null, t: T): string | null {
  if (refused === null) {
    return null;
  }
  switch (refused.why) {
    case 'self':
      return t('A step can’t need itself.');
    case 'cycle':
      return t('That would make a cycle: %1.', refused.path.join(' → '));
    case 'there':
      return t('They are connected already.');
  }
}

/** `7 steps`. */
export const stepCount = (count: number, t: T): string => (count === 1 ? t('1 step') : t('%1 steps', count));
