/** Which value is the best one. */
import type { IComparison, Json } from '../contract';

const LOWER = /loss|err(or)?(_|$|s)|rmse|mae|mse|mape|latency|perplexity|(^|_)(wer|cer|brier|bpd|nll)(_|$)|seconds|duration/i;
const HIGHER =
  /acc|auc|(^|_)f\d|f1|precision|recall|score|(^|_)(r2|map|ndcg|iou|dice|bleu|hits?)(_|$|\d)|rouge|reward|likelihood/i;

export type Direction = 'max' | 'min';

/** What is better of a result, by its name; null when the name doesn't tell. `select` (`max:accuracy`) knows it of its own key. */
export function direction(key: string, select: string | null = null): Direction | null {
  const chosen = select === null ? null : selection(select);
  if (chosen?.key === key) {
    return chosen.direction;
  }
  return LOWER.test(key) ? 'min' : HIGHER.test(key) ? 'max' : null;
}

/** `max:accuracy` (or `min:…`, or only a key) as a sweep says it. */
export function selection(select: string): { key: string; direction: Direction } {
  const [, way, key] = /^(?:(max|min)[:.])?(.*)$/s.exec(select) ?? [];
  return { key: key ?? select, direction: way === 'min' ? 'min' : 'max' };
}

/** Where the best values are; empty when nothing is better than the rest. */
export function bestOf(values: readonly (Json | null)[], way: Direction | null): number[] {
  const numbers = values.flatMap((value, index) =>
    typeof value === 'number' && Number.isFinite(value) ? [{ value, index }] : []
  );
  if (way === null || numbers.length < 2) {
    return [];
  }
  const best = numbers.reduce((a, b) => ((way === 'max' ? b.value > a.value : b.value < a.value) ? b : a)).value;
  const found = numbers.filter(({ value }) => value === best).map(({ index }) => index);
  return found.length === numbers.length ? [] : found;
}

type Row = IComparison['rows'][number];

const ORDER: Record<Row['section'], number> = { results: 0, params: 1, about: 2 };

/** The rows of a comparison as they are read: in sections, in each what differs first. */
export function arranged(rows: readonly Row[], onlyDifferences: boolean): Row[] {
  return rows
    .filter(row => row.differs || !onlyDifferences)
    .map((row, index) => ({ row, index }))
    .sort(
      (a, b) => ORDER[a.row.section] - ORDER[b.row.section] || Number(b.row.differs) - Number(a.row.differs) || a.index - b.index
    )
    .map(({ row }) => row);
}
