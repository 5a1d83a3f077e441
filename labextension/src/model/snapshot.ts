/** A panel as it was when its notebook was saved: a few answers, and no more. */
import { Refusal, type Connection, type IBackend } from './backend';
import type { Answer, Args, IRunRow, Operation } from './contract';

type Kept = { [K in Operation]?: Answer<K> };

/** What a question gets that the snapshot has no answer to, where that only leaves something out. Nothing that says there is none. */
const EMPTY: Kept = {
  'views.list': { views: [] },
  'functions.list': { functions: [] },
  'workflows.list': { workflows: [] },
  'workflows.explain': { steps: [] },
  'runs.metrics': { series: [] }
};

export class SnapshotBackend implements IBackend {
  readonly readonly = true;
  readonly connection: Connection = 'connected';
  private readonly kept: Kept;

  /** @param text - JSON, as it lies in the notebook: of whoever wrote that */
  constructor(
    readonly project: string | null,
    text: string,
    private readonly saved: string
  ) {
    this.kept = read(text);
  }

  async call<K extends Operation>(operation: K, args: Args<K>): Promise<Answer<K>> {
    const answer = (
      operation === 'workflows.check' ? this.checked(args as Args<'workflows.check'>) : (this.kept[operation] ?? EMPTY[operation])
    ) as Answer<K> | undefined;
    if (answer !== undefined && fits(operation, args, answer)) {
      return operation === 'runs.list' ? (page(answer as Answer<'runs.list'>, args as Args<'runs.list'>) as Answer<K>) : answer;
    }
    const message = `This is a snapshot of ${this.saved}. Run the cell again to see more and to act.`;
    throw new Refusal({ message, kind: 'Snapshot', status: 403 });
  }

  /** The kept workflow in its other forms, when that is what is asked about. */
  private checked(args: Args<'workflows.check'>): Answer<'workflows.check'> | undefined {
    const forms = this.kept['workflows.get'];
    return forms && forms.python !== null && args.name === forms.name && args.yaml === forms.yaml ? forms : undefined;
  }

  watch(): () => void {
    return () => undefined;
  }

  follow(): () => void {
    return () => undefined;
  }

  onConnection(): () => void {
    return () => undefined;
  }

  download(): null {
    return null;
  }

  /** Whether there is anything to show. */
  get empty(): boolean {
    return Object.keys(this.kept).length === 0;
  }
}

function read(text: string): Kept {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Kept) : {};
  } catch {
    return {};
  }
}

/** Whether the answer is about what is asked: a snapshot holds one run, one workflow, one artifact. */
function fits(operation: Operation, args: Args<Operation>, answer: unknown): boolean {
  const about: Partial<Record<Operation, [string, string]>> = {
    'runs.get': ['run', 'id'],
    'workflows.get': ['name', 'name'],
    'artifacts.get': ['uid', 'uid']
  };
  const names = about[operation];
  return !names || (args as Record<string, unknown>)[names[0]] === (answer as Record<string, unknown>)[names[1]];
}

/** The rows that are kept are all that there are; those behind them aren't waited for. */
function page(answer: Answer<'runs.list'>, args: Args<'runs.list'>): Answer<'runs.list'> {
  const found = args.parent ? answer.rows.filter((row: IRunRow) => row.parent === args.parent) : answer.rows;
  const offset = args.offset ?? 0;
  return { ...answer, total: found.length, offset, rows: found.slice(offset, offset + (args.limit ?? found.length)) };
}
