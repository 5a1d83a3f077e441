/** A backend for tests: a real one, in memory. Answers are given as values or functions; calls are noted. */
import { Bell } from '../model/bell';
import { Refusal, type Connection, type IBackend } from '../model/backend';
import type { Answer, Args, Event, Operation } from '../model/contract';
import type { IHost } from '../model/host';

type Answers = { [K in Operation]?: Answer<K> | ((args: Args<K>) => Answer<K> | Promise<Answer<K>>) };

export class MemoryBackend implements IBackend {
  readonly project = 'churn';
  readonly calls: { operation: Operation; args: unknown }[] = [];
  readonly followed: string[] = [];
  connection: Connection = 'connected';

  constructor(readonly answers: Answers = {}) {}

  async call<K extends Operation>(operation: K, args: Args<K>): Promise<Answer<K>> {
    this.calls.push({ operation, args });
    const answer = (this.answers as Partial<Record<Operation, unknown>>)[operation];
    if (answer === undefined) {
      throw new Refusal({ message: `${operation} has no answer in this test`, kind: 'NotFound', status: 404 });
    }
    return (typeof answer === 'function' ? await (answer as (args: Args<K>) => unknown)(args) : answer) as Answer<K>;
  }

  of<K extends Operation>(operation: K): Args<K>[] {
    return this.calls.filter(call => call.operation === operation).map(call => call.args as Args<K>);
  }

  watch(listener: (event: Event) => void): () => void {
    return this.events.on(listener);
  }

  follow(run: string): () => void {
    this.followed.push(run);
    return () => void this.followed.splice(this.followed.indexOf(run), 1);
  }

  onConnection(listener: (connection: Connection) => void): () => void {
    return this.connections.on(listener);
  }

  download(uid: string): string | null {
    return `/artifacts/${uid}/content`;
  }

  happen(event: Event): void {
    this.events.ring(event);
  }

  turn(connection: Connection): void {
    this.connection = connection;
    this.connections.ring(connection);
  }

  private readonly events = new Bell<Event>();
  private readonly connections = new Bell<Connection>();
}

/** A host that notes what it was asked for, and accepts every question. */
export function memoryHost(more: Partial<IHost> = {}): IHost & { asked: [string, ...unknown[]][] } {
  const asked: [string, ...unknown[]][] = [];
  const note =
    (name: string) =>
    (...args: unknown[]): void =>
      void asked.push([name, ...args]);
  return {
    asked,
    place: 'main',
    openRuns: note('openRuns'),
    openRun: note('openRun'),
    openComparison: note('openComparison'),
    openWorkflow: note('openWorkflow'),
    openArtifact: note('openArtifact'),
    openForm: note('openForm'),
    openFile: note('openFile'),
    confirm: async question => {
      asked.push(['confirm', question]);
      return true;
    },
    ask: async question => {
      asked.push(['ask', question]);
      return question.value ?? 'name';
    },
    notify: note('notify'),
    render: null,
    t: (text, ...args) => args.reduce<string>((said, arg, at) => said.replaceAll(`%${at + 1}`, String(arg)), text),
    ...more
  };
}
