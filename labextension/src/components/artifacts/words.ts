import type { Kind } from '../../model/contract';

type T = (text: string, ...args: (string | number)[]) => string;

/** A kind's word as shown. */
export function kindWord(kind: Kind, t: T): string {
  const words: Record<Kind, string> = {
    dataset: t('Dataset'),
    model: t('Model'),
    plot: t('Plot'),
    table: t('Table'),
    file: t('File'),
    dir: t('Folder')
  };
  return words[kind];
}

/** `1 row`, `426 rows`. */
export const counted = (n: number, one: string, many: string): string => (n === 1 ? one : many);

/** The last part of a dotted type: `DataFrame`. */
export const shortType = (type: string): string => type.split('.').pop() || type;
