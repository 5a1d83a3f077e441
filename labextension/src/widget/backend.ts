/** Operations and events over a comm: what the panel's Python side (`hosts/panel_talk.py`) answers. */
import { Refusal, Unreachable, type Connection, type IBackend } from '../model/backend';
import { Bell } from '../model/bell';
import type { Answer, Args, Event, IRefusal, Operation } from '../model/contract';
import { Followed } from '../model/followed';

/** What carries messages to the kernel. */
export interface IChannel {
  send(content: unknown): void;
  /** Hear messages; returns what ends it. */
  hear(listener: (content: unknown) => void): () => void;
  /** Hear that the kernel is gone for good. */
  onGone(listener: () => void): () => void;
}

const TIMEOUT = 30_000;
const BEAT = 10_000;
const PATIENCE = 6_000;
const BUSY = 'The kernel doesn’t answer: it is busy, or gone. Waiting…';
const GONE = 'The kernel is gone: run the cell again.';

interface IWaiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

export class CommBackend implements IBackend {
  constructor(
    private readonly channel: IChannel,
    readonly project: string | null
  ) {
    this.off = [channel.hear(content => this.heard(content)), channel.onGone(() => this.lose())];
    this.beat();
  }

  call<K extends Operation>(operation: K, args: Args<K>): Promise<Answer<K>> {
    if (this.gone) {
      return Promise.reject(new Unreachable(GONE));
    }
    const id = (this.asked += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Unreachable(BUSY));
      }, TIMEOUT);
      this.waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject, timer });
      this.send({ id, operation, args });
    });
  }

  watch(listener: (event: Event) => void): () => void {
    const off = this.events.on(listener);
    this.tell();
    return () => {
      off();
      this.tell();
    };
  }

  follow(run: string): () => void {
    return this.followed.add(run);
  }

  get connection(): Connection {
    return this.state;
  }

  get outage(): string {
    return this.gone ? GONE : BUSY;
  }

  onConnection(listener: (connection: Connection) => void): () => void {
    return this.connections.on(listener);
  }

  /** The kernel has bytes, but no address for them. */
  download(): null {
    return null;
  }

  /** The view is closed: the kernel needn't tell anything any more. */
  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    clearTimeout(this.patience);
    if (!this.gone) {
      this.send({ client: this.client, watching: false, follow: [] });
    }
    this.off.forEach(off => off());
    this.waiting.forEach(({ reject, timer }) => {
      clearTimeout(timer);
      reject(new Unreachable('The panel was closed.'));
    });
    this.waiting.clear();
  }

  private heard(content: unknown): void {
    if (typeof content !== 'object' || content === null) {
      return;
    }
    const said = content as {
      id?: number;
      answer?: unknown;
      refusal?: IRefusal;
      events?: Event[];
      heard?: string;
      fresh?: boolean;
    };
    if (Array.isArray(said.events)) {
      said.events.forEach(event => this.events.ring(event));
    } else if (said.heard === this.client) {
      this.turn('connected', said.fresh === true && this.everFresh);
      this.everFresh ||= said.fresh === true;
    } else if (typeof said.id === 'number' && this.waiting.has(said.id)) {
      const { resolve, reject, timer } = this.waiting.get(said.id) as IWaiting;
      this.waiting.delete(said.id);
      clearTimeout(timer);
      if (said.refusal) {
        reject(new Refusal(said.refusal));
      } else {
        resolve(said.answer);
      }
    } else {
      return; // of another view
    }
    this.turn('connected');
    clearTimeout(this.patience);
  }

  /** Say again and again that somebody watches; what comes back says that the kernel lives. */
  private beat = (): void => {
    this.present();
    this.timer = setTimeout(this.beat, BEAT);
  };

  /** The same soon, as many listeners come and go together. */
  private tell(): void {
    if (!this.telling && !this.disposed) {
      this.telling = true;
      queueMicrotask(() => {
        this.telling = false;
        this.present();
      });
    }
  }

  private present(): void {
    if (this.gone || this.disposed) {
      return;
    }
    this.send({ client: this.client, watching: !this.events.empty, follow: this.followed.runs.slice(0, 200) });
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.turn('lost'), PATIENCE);
  }

  private send(content: unknown): void {
    try {
      this.channel.send(content);
    } catch {
      this.lose();
    }
  }

  private lose(): void {
    if (this.gone) {
      return;
    }
    this.gone = true;
    clearTimeout(this.timer);
    clearTimeout(this.patience);
    this.waiting.forEach(({ reject, timer }) => {
      clearTimeout(timer);
      reject(new Unreachable(GONE));
    });
    this.waiting.clear();
    this.turn('lost', true);
  }

  private turn(state: Connection, again = false): void {
    if (this.state !== state || again) {
      this.state = state;
      this.connections.ring(state);
    }
  }

  private readonly client = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`;
  private readonly waiting = new Map<number, IWaiting>();
  private readonly followed = new Followed(() => this.tell());
  private readonly events = new Bell<Event>();
  private readonly connections = new Bell<Connection>();
  private readonly off: (() => void)[];
  /** Numbers that no other view of the same widget uses. (Texts as ids make ipykernel 7.4 remember each for ever.) */
  private asked = Math.floor(Math.random() * 2 ** 31) * 2 ** 20;
  private state: Connection = 'connecting';
  private gone = false;
  private disposed = false;
  private telling = false;
  private everFresh = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
}
