/** The runs that fit a question, read window by window as one scrolls, and kept true by events. */
import type { IBackend } from '../backend';
import { Bell } from '../bell';
import type { Answer, IRunColumns, IRunRow } from '../contract';

/** Rows of one window. */
export const WINDOW = 200;

export interface IQuestion {
  query: string;
  /** A column as the server knows it; empty for the time of creation. */
  sort: string;
  descending: boolean;
  /** Null: only runs that have no parent; an id: its children; left out: all. */
  parent?: string | null;
}

const NO_COLUMNS: IRunColumns = { params: [], results: [], tags: [], metrics: [] };

export class RunList {
  /** How many runs fit; null until the first answer. */
  total: number | null = null;
  columns: IRunColumns = NO_COLUMNS;
  error: Error | null = null;
  /** How many runs there are that aren't shown yet. */
  fresh = 0;
  /** Grows with each change. */
  version = 0;

  constructor(
    private readonly backend: IBackend,
    readonly question: IQuestion
  ) {}

  row(index: number): IRunRow | undefined {
    return this.rows[index];
  }

  /** The rows that were read so far, in order. */
  known(): IRunRow[] {
    return this.rows.filter(row => row !== undefined);
  }

  indexOf(run: string): number {
    return this.rows.findIndex(row => row?.id === run);
  }

  /** The longest of the rows that were read, in seconds. */
  get longest(): number {
    return this.peak;
  }

  onChange(listener: () => void): () => void {
    return this.changes.on(listener);
  }

  /** Read the windows that hold these rows, unless they are here or on their way. */
  want(from: number, to: number): void {
    const last = this.total === null ? WINDOW : Math.min(to, this.total);
    for (let start = from - (from % WINDOW); start < Math.max(last, 1); start += WINDOW) {
      if (!this.isRead(start) && !this.coming.has(start)) {
        void this.read(start);
      }
    }
  }

  /** Ask again for everything; what is shown stays until the answer is there. */
  async refresh(): Promise<void> {
    this.turn += 1;
    this.coming.clear();
    await this.read(0, 'anew');
  }

  /** Put a run's row as it is now in the place of the older one. Returns whether it was there. */
  patch(row: IRunRow): boolean {
    const index = this.indexOf(row.id);
    if (index < 0) {
      return false;
    }
    this.rows[index] = row;
    this.peak = Math.max(this.peak, row.duration ?? 0);
    this.columns = withKeys(this.columns, row);
    this.changed();
    return true;
  }

  remove(run: string): boolean {
    const index = this.indexOf(run);
    if (index < 0) {
      return false;
    }
    this.turn += 1; // windows that are on their way were counted before this
    this.coming.clear();
    this.rows.splice(index, 1);
    this.total = Math.max(0, (this.total ?? 1) - 1);
    this.changed();
    return true;
  }

  /** Ask how many runs fit that aren't shown; the rows stay as they are. */
  async probe(): Promise<void> {
    const mine = this.turn;
    try {
      const { total } = await this.backend.call('runs.list', { ...this.question, offset: 0, limit: 1 });
      if (mine === this.turn && this.total !== null) {
        this.fresh = Math.max(0, total - this.total);
        this.changed();
      }
    } catch {
      // it was only a look; what is shown says itself when the connection is lost
    }
  }

  /** Read the first window again, and let new runs appear above the others. */
  async grow(): Promise<void> {
    await this.read(0, 'grow');
  }

  private isRead(start: number): boolean {
    if (this.total === null) {
      return false;
    }
    const end = Math.min(start + WINDOW, this.total);
    for (let index = start; index < end; index += 1) {
      if (this.rows[index] === undefined) {
        return false;
      }
    }
    return true;
  }

  private async read(start: number, how: 'window' | 'anew' | 'grow' = 'window'): Promise<void> {
    const mine = this.turn;
    this.coming.add(start);
    try {
      const answer = await this.backend.call('runs.list', { ...this.question, offset: start, limit: WINDOW });
      if (mine === this.turn) {
        this.take(answer, how);
      }
    } catch (error) {
      if (mine === this.turn) {
        this.error = error as Error;
      }
    } finally {
      if (mine === this.turn) {
        this.coming.delete(start);
        this.changed();
      }
    }
  }

  private take({ rows, total, offset, columns }: Answer<'runs.list'>, how: 'window' | 'anew' | 'grow'): void {
    const before = this.total;
    this.error = null;
    this.columns = columns;
    if (how === 'window' && before !== null && total > before && offset > 0) {
      // runs that came in between have moved the others down: they wait until somebody asks for them
      this.fresh = total - before;
      this.put(rows, offset - this.fresh);
      return;
    }
    const added = before === null ? -1 : total - before;
    const shift = how === 'grow' && added >= 0 && this.rows[0]?.id === rows[added]?.id;
    this.rows = shift ? [...Array<undefined>(added), ...this.rows] : how === 'window' && total === before ? this.rows : [];
    this.total = total;
    this.fresh = 0;
    this.rows.length = total;
    this.put(rows, offset);
  }

  private put(rows: IRunRow[], offset: number): void {
    rows.forEach((row, at) => {
      if (offset + at >= 0) {
        this.rows[offset + at] = row;
      }
      this.peak = Math.max(this.peak, row.duration ?? 0);
    });
  }

  private changed(): void {
    this.version += 1;
    this.changes.ring(this.version);
  }

  private rows: (IRunRow | undefined)[] = [];
  private peak = 0;
  private turn = 0;
  private readonly coming = new Set<number>();
  private readonly changes = new Bell<number>();
}

/** The columns with those that a run brings along; the same ones when it brings none. */
function withKeys(columns: IRunColumns, row: IRunRow): IRunColumns {
  const sections = ['params', 'results', 'tags'] as const;
  const fresh = sections.map(section => Object.keys(row[section]).filter(key => !columns[section].includes(key)));
  return fresh.every(keys => keys.length === 0)
    ? columns
    : sections.reduce((all, section, at) => ({ ...all, [section]: [...all[section], ...fresh[at]].sort() }), columns);
}
