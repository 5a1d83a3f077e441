import type { IColumn } from '../../model/runs/columns';

/** A column's title; keys of the project stand as they are. */
export function titleOf(column: IColumn, t: (text: string) => string): string {
  const words: Record<string, string> = {
    name: t('Run'),
    state: t('State'),
    created: t('Created'),
    duration: t('Duration'),
    function: t('Function'),
    workflow: t('Workflow'),
    step: t('Step'),
    iteration: t('Iteration'),
    started: t('Started'),
    ended: t('Ended'),
    version: t('Version'),
    user: t('User'),
    host: t('Host'),
    origin: t('Origin'),
    reason: t('Reason'),
    id: t('Id')
  };
  return column.section === 'about' ? (words[column.key] ?? column.key) : column.key;
}
