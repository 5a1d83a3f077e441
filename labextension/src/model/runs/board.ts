/** What the table of runs shows, line by line: groups with their runs, runs with their children; each read as one comes to it. */
import type { IBackend } from '../backend';
import { Bell } from '../bell';
import type { Answer, Event, IRunColumns, IRunRow } from '../contract';
import { isFinished } from '../format';
import { groupClause, type Group, type IGroup } from './groups';
import { lineAt, lineOf, piecesOf, want, type ISegment, type Line, type Piece } from './lines';
import { RunList } from './list';
import { within } from './query';

export interface ILook {
  query: string;
  sort: { by: string; descending: boolean };
  group: Group;
}

const SOON = 300; // milliseconds in which many events make one question

export class Board {
  /** Whether the first line is in sight: new runs then appear by themselves. */
  atTop = true;
  version = 0;
  ranges: Answer<'runs.summary'>['ranges'] = {};
  tags: string[] = [];
  private problem: Error | null = null;

  constructor(
    private readonly backend: IBackend,
    readonly look: ILook
  ) {
    if (look.group === 'tree' || look.group === 'none') {
      const parent = look.group === 'tree' && look.query.trim() === '' ? null : undefined;
      this.segments = [{ group: null, list: this.list(look.query, parent), open: true }];
    }
  }

  /** Begin to ask. */
  start(): void {
    this.disposed = false;
    this.segments?.forEach(({ list }) => list.want(0, 1));
    void this.summarise();
  }

  /** Whether there is something to show: an answer, or why there is none. */
  get ready(): boolean {
    return (
      this.error !== null ||
      (this.segments !== null && this.segments.every(({ group, list }) => group !== null || list.total !== null))
    );
  }

  get error(): Error | null {
    return this.problem ?? this.lists().find(list => list.error !== null)?.error ?? null;
  }

  /** How many runs fit; null until it is known. */
  get total(): number | null {
    const counts = this.segments?.map(({ group, list }) => group?.count ?? list.total) ?? [null];
    return counts.reduce<number | null>((sum, count) => (sum === null || count === null ? null : sum + count), 0);
  }

  get columns(): IRunColumns | null {
    return this.lists().find(list => list.total !== null)?.columns ?? null;
  }

  get longest(): number {
    return Math.max(0, ...this.lists().map(list => list.longest));
  }

  get fresh(): number {
    return this.segments?.reduce((sum, { list }) => sum + list.fresh, 0) ?? 0;
  }

  get count(): number {
    return this.pieces().reduce((sum, piece) => sum + piece.size, 0);
  }

  known(): IRunRow[] {
    return this.lists().flatMap(list => list.known());
  }

  line(at: number): Line {
    return lineAt(this.pieces(), at, this.children);
  }

  /** Where a run stands, or -1. */
  lineOf(run: string): number {
    return lineOf(this.pieces(), run);
  }

  want(from: number, to: number): void {
    want(this.pieces(), from, to);
  }

  toggleGroup(value: string | null, open?: boolean): void {
    const segment = this.segments?.find(({ group }) => group?.value === value);
    if (segment) {
      segment.open = open ?? !segment.open;
      this.changed();
    }
  }

  /** Show or hide the children of a run. */
  toggleRun(run: string, open = !this.children.has(run)): void {
    if (!open) {
      this.children.delete(run);
    } else if (!this.children.has(run)) {
      const { by, descending } = this.look.sort;
      const list = this.listen(
        // children come in the order in which they were made, unless somebody chose another
        new RunList(this.backend, { query: '', sort: by, descending: by === 'created' ? false : descending, parent: run })
      );
      this.children.set(run, list);
      list.want(0, 1);
    }
    this.changed();
  }

  isOpen(run: string): boolean {
    return this.children.has(run);
  }

  /** Ask again for everything. */
  async refresh(): Promise<void> {
    await Promise.all([this.summarise(), ...this.lists().map(list => list.refresh())]);
  }

  hear(event: Event): void {
    if (event.type === 'removed') {
      this.lists().forEach(list => list.remove(event.run));
      this.later();
    } else if (event.type === 'run') {
      const known = this.lists().filter(list => list.patch(event.run)).length > 0;
      if (!known) {
        this.missed.add(event.run.parent);
        this.later();
      } else if (isFinished(event.run.state)) {
        this.later();
      }
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.disposed = true;
  }

  onChange(listener: () => void): () => void {
    return this.changes.on(listener);
  }

  // --- how it is built ---

  private pieces(): Piece[] {
    this.layout ??= piecesOf(this.segments ?? [], this.children);
    return this.layout;
  }

  private lists(): RunList[] {
    return [...(this.segments ?? []).map(({ list }) => list), ...this.children.values()];
  }

  private list(query: string, parent: string | null | undefined): RunList {
    return this.listen(
      new RunList(this.backend, { query, sort: this.look.sort.by, descending: this.look.sort.descending, parent })
    );
  }

  private listen(list: RunList): RunList {
    list.onChange(() => this.changed());
    return list;
  }

  /** Ask for the groups, and for the least and greatest of each result. */
  private async summarise(): Promise<void> {
    const { query, group } = this.look;
    const grouped = group !== 'tree' && group !== 'none';
    try {
      const answer = await this.backend.call('runs.summary', { query, ...(grouped ? { by: group } : {}) });
      this.problem = null;
      this.ranges = answer.ranges;
      this.tags = answer.tags;
      if (grouped) {
        this.segments = answer.groups.map(found => this.segmentOf(found));
      }
    } catch (error) {
      this.problem = grouped ? (error as Error) : null; // without groups its list says the same
    }
    this.changed();
  }

  private segmentOf(found: IGroup): ISegment {
    const { group, query } = this.look;
    const before = this.segments?.find(segment => segment.group?.value === found.value);
    return before
      ? { ...before, group: found }
      : { group: found, list: this.list(within(query, groupClause(group, found.value)), undefined), open: true };
  }

  /** After events that can't be told from the rows: how many runs fit now, which are new. */
  private later(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const missed = new Set(this.missed);
      this.missed.clear();
      if (!this.disposed) {
        void this.summarise();
        this.lists()
          .filter(({ question }) => missed.size > 0 && (question.parent === undefined || missed.has(question.parent)))
          .forEach(list => void (this.grows(list) ? list.grow() : list.probe()));
      }
    }, SOON);
  }

  private grows(list: RunList): boolean {
    const { sort, descending, parent } = list.question;
    return typeof parent === 'string' || (this.atTop && sort === 'created' && descending);
  }

  private changed(): void {
    this.layout = null;
    this.version += 1;
    this.changes.ring(this.version);
  }

  private segments: ISegment[] | null = null;
  private layout: Piece[] | null = null;
  private disposed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly missed = new Set<string | null>();
  private readonly children = new Map<string, RunList>();
  private readonly changes = new Bell<number>();
}
