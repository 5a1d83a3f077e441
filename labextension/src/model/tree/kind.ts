import type { IFunction } from '../contract';
import { KINDS } from './nodes';

/** The sign of a Function: what it gives, the most telling first. */
export function functionKind(of: Pick<IFunction, 'returns'>): string {
  const kinds = of.returns.map(({ kind }) => kind);
  return ['model', 'plot', ...KINDS].find(kind => kinds.includes(kind)) ?? 'function';
}
