/** REST for operations, and one websocket for the events of a project. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { Refusal, Unreachable, type Connection, type IBackend } from '../model/backend';
import type { Answer, Args, Event, IRefusal, Operation } from '../model/contract';
import { Bell } from '../model/bell';
import { Followed } from '../model/followed';
import { address } from '../model/routes';

const ROOT = 'jupyter-mlops/api';
const STARTS: ReadonlySet<Operation> = new Set(['runs.start', 'runs.rerun', 'runs.resume']);
const EARLY = 3000; // milliseconds for which an early answer is fresh
const RETRY = [500, 1000, 2000, 5000];

export class ServerBackend implements IBackend {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    readonly project: string | null,
    private readonly onStarted: (run: string) => void = () => undefined
  ) {}

  call<K extends Operation>(operation: K, args: Args<K>): Promise<Answer<K>> {
    const question = JSON.stringify([operation, args]);
    const early = this.early.get(question) as Promise<Answer<K>> | undefined;
    this.early.delete(question);
    return early ?? this.ask(operation, args);
  }

  /** Ask now what a screen whose code is on its way will ask in a moment; the answer is for the first who calls for it. */
  ahead<K extends Operation>(operation: K, args: Args<K>): void {
    const question = JSON.stringify([operation, args]);
    const answer = this.ask(operation, args);
    answer.catch(() => undefined);
    this.early.set(question, answer);
    setTimeout(() => this.early.delete(question), EARLY);
  }

  private async ask<K extends Operation>(operation: K, args: Args<K>): Promise<Answer<K>> {
    const { method, path, query, body } = address(operation, args);
    const search = this.project === null ? query : { ...query, project: this.project };
    const url = URLExt.join(this.settings.baseUrl, ROOT, path) + URLExt.objectToQueryString(search);
    // not 'no-store', which the server says anyway: Lab would put the time into the query, which isn't an argument
    const init = { method, body: body === null ? undefined : JSON.stringify(body), cache: 'no-cache' as const };
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, this.settings);
    } catch {
      throw new Unreachable('The server can’t be reached.');
    }
    const data: unknown = await response.json().catch(() => null);
    if (!response.ok) {
      throw refused(response, data);
    }
    if (STARTS.has(operation)) {
      this.onStarted((data as Answer<'runs.start'>).run);
    }
    return data as Answer<K>;
  }

  watch(listener: (event: Event) => void): () => void {
    const off = this.events.on(listener);
    this.connect();
    return () => {
      off();
      if (this.events.empty) {
        this.close();
      }
    };
  }

  follow(run: string): () => void {
    return this.followed.add(run);
  }

  get connection(): Connection {
    return this.state;
  }

  onConnection(listener: (connection: Connection) => void): () => void {
    return this.connections.on(listener);
  }

  download(uid: string): string {
    const path = URLExt.join(this.settings.baseUrl, ROOT, 'artifacts', encodeURIComponent(uid), 'content');
    return path + URLExt.objectToQueryString({ project: this.project ?? '' });
  }

  private connect(): void {
    if (this.socket || this.project === null) {
      return;
    }
    const { wsUrl, token, appendToken, WebSocket: Socket } = this.settings;
    const query = { project: this.project, ...(appendToken && token ? { token } : {}) };
    let opened = false;
    const socket = new Socket(URLExt.join(wsUrl, ROOT, 'events') + URLExt.objectToQueryString(query));
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.outage = null;
      this.tries = 0;
      this.tell();
      this.turn('connected');
    };
    socket.onmessage = message => {
      this.early.clear(); // what was answered before may be so no more
      for (const event of JSON.parse(message.data as string) as Event[]) {
        this.events.ring(event);
      }
    };
    socket.onclose = () => {
      if (this.socket === socket) {
        this.socket = null;
        void (opened ? this.turn('lost') : this.explain());
        this.timer = setTimeout(() => this.connect(), RETRY[Math.min(this.tries++, RETRY.length - 1)]);
      }
    };
  }

  /** A handshake that fails doesn't say why: the server may be gone, or it refuses as the project is. */
  private async explain(): Promise<void> {
    const why = await this.call('project.get', {}).then(
      () => null,
      (error: Error) => (error instanceof Refusal ? error.message : null)
    );
    if (this.state !== 'connected' || this.socket === null) {
      const news = why !== this.outage;
      this.outage = why;
      this.turn('lost', news);
    }
  }

  private close(): void {
    const socket = this.socket;
    this.socket = null;
    clearTimeout(this.timer);
    socket?.close();
  }

  /** Say which runs are followed. */
  private tell(): void {
    if (this.socket?.readyState === 1) {
      this.socket.send(JSON.stringify({ follow: this.followed.runs }));
    }
  }

  private turn(state: Connection, news = false): void {
    if (state !== this.state || news) {
      this.state = state;
      this.connections.ring(state);
    }
  }

  private readonly early = new Map<string, Promise<unknown>>();
  /** Why nothing comes in, where the server says it. */
  outage: string | null = null;
  private socket: WebSocket | null = null;
  private state: Connection = 'connecting';
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly followed = new Followed(() => this.tell());
  private readonly events = new Bell<Event>();
  private readonly connections = new Bell<Connection>();
}

function refused(response: Response, data: unknown): Error {
  if (typeof data === 'object' && data !== null && 'message' in data && typeof data.message === 'string') {
    const said = data as Partial<IRefusal> & { message: string };
    return new Refusal({ kind: 'Error', ...said, status: response.status });
  }
  if (response.status >= 502 && response.status <= 504) {
    return new Unreachable('The server can’t be reached.');
  }
  return new Refusal({
    message: `The server answered ${response.status} ${response.statusText}.`,
    kind: 'Error',
    status: response.status
  });
}
