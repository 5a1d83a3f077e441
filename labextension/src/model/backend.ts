/** The one seam between what is shown and where it comes from: REST and a websocket in Lab, comm messages in a cell. */
import type { Answer, Args, Event, IRefusal, Operation } from './contract';

export type Connection = 'connected' | 'connecting' | 'lost';

export interface IBackend {
  /** The project's path or name; null when none is chosen (then only `projects.*` can be called). */
  readonly project: string | null;

  /** Ask for an operation of the project. Rejects with a `Refusal`. */
  call<K extends Operation>(operation: K, args: Args<K>): Promise<Answer<K>>;

  /** Hear what happens in the project; returns what ends it. */
  watch(listener: (event: Event) => void): () => void;

  /** Also hear the logs, metrics and cells of a run, as long as somebody follows it. They come to the watchers. */
  follow(run: string): () => void;

  /** Whether events come in now. */
  readonly connection: Connection;
  /** Why nothing comes in, and what to do, where that is known better than "no connection". */
  readonly outage?: string | null;
  /** Whether nothing can be changed, as in a snapshot. */
  readonly readonly?: boolean;
  onConnection(listener: (connection: Connection) => void): () => void;

  /** Where the bytes of an artifact can be downloaded, or null where there is no server. */
  download(uid: string): string | null;
}

/** An operation was refused: `message` says what went wrong and what to do. */
export class Refusal extends Error {
  constructor(readonly refusal: IRefusal) {
    super(refusal.message);
    this.name = 'Refusal';
  }
  get status(): number {
    return this.refusal.status;
  }
}

/** The server or kernel couldn't be reached: worth another try. */
export class Unreachable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Unreachable';
  }
}
