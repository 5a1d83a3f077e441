import { CircleStop, Copy, ExternalLink, Pencil, RotateCcw, SquareCheck, StepForward, Tag, Trash2 } from 'lucide-react';
import type { IRunRow } from '../../model/contract';
import { isFinished } from '../../model/format';
import type { IHost } from '../../model/host';
import type { IMenuItem } from '../ui';
import type { IRunActions } from './useRunActions';

/** What can be done with one run. */
export function menuOf(
  row: IRunRow,
  host: IHost,
  actions: IRunActions,
  choose: () => void,
  chosen: boolean
): (IMenuItem | 'line')[] {
  const { t } = host;
  const done = isFinished(row.state);
  const own = row.function === null && row.workflow === null; // interactive work, which only its author can do again
  const led = row.workflow !== null && row.parent === null && (row.state === 'error' || row.state === 'aborted');
  const looks: IMenuItem[] = [
    { label: t('Open'), icon: ExternalLink, run: () => host.openRun(row.id) },
    { label: chosen ? t('Choose no more') : t('Choose'), icon: SquareCheck, run: choose }
  ];
  const copy: IMenuItem = { label: t('Copy id'), icon: Copy, run: () => actions.copy(row.id, t('Id copied')) };
  if (actions.readonly) {
    return [...looks, copy];
  }
  return [
    ...looks,
    'line',
    { label: t('Re-run'), icon: RotateCcw, disabled: own, run: () => void actions.rerun(row) },
    { label: t('Re-run with changes…'), icon: Pencil, disabled: own, run: () => actions.change(row) },
    ...(led ? [{ label: t('Resume'), icon: StepForward, run: () => void actions.resume(row) }] : []),
    ...(done ? [] : [{ label: t('Abort'), icon: CircleStop, run: () => void actions.abort([row]) }]),
    'line',
    { label: t('Tag…'), icon: Tag, run: () => actions.tag([row]) },
    copy,
    { label: t('Delete…'), icon: Trash2, disabled: !done, run: () => void actions.remove([row]) }
  ];
}
