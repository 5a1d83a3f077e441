/** The words of the tree's rows. */
import type { IHost } from '../../model/host';
import type { Item, Section } from '../../model/tree/nodes';
import type { Kind } from '../../model/contract';

type T = IHost['t'];

export const sectionWord = (section: Section, t: T): string =>
  ({ workflows: t('Workflows'), functions: t('Functions'), runs: t('Runs'), artifacts: t('Artifacts') })[section];

export function kindWord(kind: Kind, t: T): string {
  const words: Record<string, string> = {
    dataset: t('Datasets'),
    model: t('Models'),
    plot: t('Plots'),
    table: t('Tables'),
    file: t('Files'),
    dir: t('Folders')
  };
  return words[kind] ?? kind;
}

/** What a section without anything in it says. */
export function nothing(section: Section, t: T): string {
  return {
    workflows: t('No workflows yet'),
    functions: t('No Functions yet'),
    runs: t('Nothing was run yet'),
    artifacts: t('Runs haven’t kept anything yet')
  }[section];
}

export function steps(count: number, t: T): string {
  return count === 1 ? t('1 step') : t('%1 steps', count);
}

export function runs(count: number, t: T): string {
  return count === 1 ? t('1 run') : t('%1 runs', count.toLocaleString('en-US'));
}

/** A row's kind, for those who can't see its sign. */
export function typeWord(item: Item, t: T): string {
  switch (item.type) {
    case 'workflow':
      return t('Workflow');
    case 'function':
      return t('Function');
    case 'run':
      return t('Run');
    case 'artifact':
    case 'version':
      return t('Artifact');
    default:
      return '';
  }
}
