/** A list of runs that grows by pages, newest first with running ones above, and stays fresh by events. */
import type { IBackend } from '../backend';
import { Bell } from '../bell';
import type { Event, IRunRow } from '../contract';
import { isFinished } from '../format';
import { PAGE } from '../sidebar';
import type { IListed } from './nodes';

const ACTIVE = "state IN ('pending', 'running', 'aborting')";

export class RunList implements IListed<IRunRow> {
  rows: IRunRow[] | null = null;
  error: Error | null = null;
  total = 0;

  /** Of `parent` null those that have none. */
  constructor(
    private readonly backend: IBackend,
    readonly parent: string | null,
    private readonly query: string = '',
    private readonly page = PAGE
  ) {}

  onChange(listener: () => void): () => void {
    return this.bell.on(listener);
  }

  /** Ask for what is shown, anew. */
  async load(): Promise<void> {
    await this.ask(Math.max(this.page, this.rows?.length ?? 0));
  }

  async more(): Promise<void> {
    this.page_ = Math.min(Math.max(this.page_ * 2, this.page), 500);
    await this.ask((this.rows?.length ?? 0) + this.page_);
  }

  /** Hear an event; true when it changed something that is shown. */
  hear(event: Event): boolean {
    if (this.rows === null) {
      return false;
    }
    if (event.type === 'removed' && this.rows.some(({ id }) => id === event.run)) {
      this.put(
        this.rows.filter(({ id }) => id !== event.run),
        this.total - 1
      );
      return true;
    }
    if (event.type !== 'run' || event.run.parent !== this.parent) {
      return false;
    }
    const { run } = event;
    const known = this.rows.some(({ id }) => id === run.id);
    if (!known && this.query !== '') {
      return false; // whether it fits only the server can tell
    }
    this.put(known ? this.rows.map(row => (row.id === run.id ? run : row)) : [...this.rows, run], this.total + (known ? 0 : 1));
    return true;
  }

  private async ask(limit: number): Promise<void> {
    const mine = ++this.turn;
    const args = {
      parent: this.parent,
      ...(this.query ? { query: this.query } : {}),
      ...(this.parent === null ? {} : { sort: 'created', descending: false }) // children as they came: the first page are the first
    };
    try {
      const many = Math.min(limit, 1000);
      const parts = [this.backend.call('runs.list', { ...args, limit: many })];
      for (let offset = many; offset < limit; offset += 1000) {
        parts.push(this.backend.call('runs.list', { ...args, limit: Math.min(1000, limit - offset), offset }));
      }
      const answers = await Promise.all(parts);
      if (mine === this.turn) {
        this.error = null;
        this.put(
          answers.flatMap(({ rows }) => rows),
          answers[0].total
        );
        await this.askActive(mine);
      }
    } catch (error) {
      if (mine === this.turn) {
        this.error = error as Error;
        this.bell.ring();
      }
    }
  }

  /** An old run that still goes on is further down than the first page. To look for it costs more than to count. */
  private async askActive(mine: number): Promise<void> {
    if (this.parent !== null || this.query) {
      return;
    }
    const { counts } = await this.backend.call('project.get', {});
    const shown = () => (this.rows ?? []).filter(({ state }) => !isFinished(state)).length;
    if (counts.running > shown()) {
      const { rows } = await this.backend.call('runs.list', { parent: null, query: ACTIVE, limit: 50 });
      if (mine === this.turn) {
        this.put([...(this.rows ?? []), ...rows], this.total);
      }
    }
  }

  private put(rows: IRunRow[], total: number): void {
    const once = new Map(rows.map(row => [row.id, row]));
    this.rows = [...once.values()].sort(this.parent === null ? running : inOrder);
    this.total = Math.max(total, this.rows.length);
    this.bell.ring();
  }

  private turn = 0;
  private page_ = 0;
  private readonly bell = new Bell<void>();
}

/** Those that go on first, then the newest. Ids are ordered by time. */
function running(one: IRunRow, other: IRunRow): number {
  return Number(isFinished(one.state)) - Number(isFinished(other.state)) || (one.id < other.id ? 1 : -1);
}

/** Children as they came: steps by when they began, iterations by their number. */
function inOrder(one: IRunRow, other: IRunRow): number {
  return (one.iteration ?? 0) - (other.iteration ?? 0) || (one.id < other.id ? -1 : 1);
}
