/** The rows of a table artifact, fetched in pages as they come into view. */
import type { Json, ITableColumn, ITablePage } from '../contract';

export const PAGE = 200;

export interface IOrder {
  by: string;
  descending: boolean;
}

/** Ascending, then descending, then as stored. */
export function nextOrder(order: IOrder | null, column: string): IOrder | null {
  if (order?.by !== column) {
    return { by: column, descending: false };
  }
  return order.descending ? null : { by: column, descending: true };
}

/** Pages of one order; each is asked for once, and again when it failed. */
export class Pages {
  total = 0;
  /** How many rows there are in all, where only the first can be shown. */
  all: number | null = null;
  columns: ITableColumn[] = [];
  error: Error | null = null;

  constructor(
    private readonly fetch: (offset: number, limit: number) => Promise<ITablePage>,
    private readonly changed: () => void
  ) {}

  row(index: number): Json[] | null {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE] ?? null;
  }

  /** Ask for the pages of the rows from `first` to `last` that aren't there. */
  need(first: number, last: number): void {
    const end = this.started ? Math.min(last, this.total - 1) : last;
    for (let page = Math.floor(Math.max(0, first) / PAGE); page * PAGE <= end; page += 1) {
      if (!this.asked.has(page)) {
        this.asked.add(page);
        void this.ask(page);
      }
    }
  }

  get started(): boolean {
    return this.pages.size > 0;
  }

  private async ask(page: number): Promise<void> {
    try {
      const answer = await this.fetch(page * PAGE, PAGE);
      this.pages.set(page, answer.rows);
      this.total = answer.total;
      this.all = answer.all ?? null;
      this.error = null;
      if (answer.columns.length > 0) {
        this.columns = answer.columns;
      }
    } catch (error) {
      this.asked.delete(page);
      this.error = error as Error;
    }
    this.changed();
  }

  private readonly pages = new Map<number, Json[][]>();
  private readonly asked = new Set<number>();
}

const NUMBERS = /^(u?int(?!erval)|float|double|decimal|u?(tiny|small|big|huge)int|integer|real|numeric)/i;

/** Whether a column's cells stand on the right. */
export const isNumeric = (type: string): boolean => NUMBERS.test(type) && !type.includes('[');
