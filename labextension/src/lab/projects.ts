/** The projects below the server's root, the one that is chosen in this workspace, and a backend for each. */
import type { ServerConnection } from '@jupyterlab/services';
import type { IStateDB } from '@jupyterlab/statedb';
import { Refusal, Unreachable } from '../model/backend';
import { Bell } from '../model/bell';
import type { IProjectRef } from '../model/contract';
import { ServerBackend } from './backend';

const KEY = 'jupyter-mlops:project';
const RETRY = 3000; // milliseconds

export class Projects {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly state: IStateDB | null
  ) {
    this.remembered = Promise.resolve(state?.fetch(KEY)).catch(() => undefined);
  }

  /** Null until the server has answered. */
  list: IProjectRef[] | null = null;
  error: Error | null = null;
  chosen: string | null = null;

  onChange(listener: () => void): () => void {
    return this.bell.on(listener);
  }

  /** Hear of runs that are started from this page, by whatever screen. */
  onStarted(listener: (backend: ServerBackend, run: string) => void): () => void {
    return this.started.on(([backend, run]) => listener(backend, run));
  }

  /** One backend per project, so that all its tabs share one websocket. */
  backend(path: string | null): ServerBackend {
    let backend = this.backends.get(path);
    if (!backend) {
      const made: ServerBackend = new ServerBackend(this.settings, path, run => this.started.ring([made, run]));
      backend = made;
      this.backends.set(path, backend);
    }
    return backend;
  }

  get current(): ServerBackend {
    return this.backend(this.chosen);
  }

  find(path: string | null): IProjectRef | null {
    return this.list?.find(project => project.path === path) ?? null;
  }

  /** The project that a file of the file browser lies in: the nearest one above it. */
  holding(file: string): IProjectRef | null {
    const above = (this.list ?? []).filter(({ path }) => path === '' || file === path || file.startsWith(`${path}/`));
    return above.sort((one, other) => other.path.length - one.path.length)[0] ?? null;
  }

  choose(path: string | null): void {
    if (path !== this.chosen) {
      this.chosen = path;
      this.bell.ring();
    }
    void this.state?.save(KEY, path);
  }

  /** A project that is too deep to be found by looking: it is known from now on. Null where there is none. */
  async visit(path: string): Promise<IProjectRef | null> {
    try {
      const { name, description } = await this.backend(path).call('project.get', {});
      const found = { path, name, description };
      this.visited.set(path, found);
      this.list = this.all(this.list ?? []);
      return found;
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) {
        return null;
      }
      throw error;
    }
  }

  /** Ask the server again. The remembered project is chosen if it is still there, else the only one or the first. */
  refresh(): Promise<void> {
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  async create(path: string, name?: string): Promise<IProjectRef> {
    const made = await this.backend(null).call('projects.create', { path, ...(name ? { name } : {}) });
    await this.refresh();
    this.choose(made.path);
    return made;
  }

  private async ask(): Promise<void> {
    try {
      const [{ projects }, remembered] = await Promise.all([this.backend(null).call('projects.list', {}), this.remembered]);
      const wanted = this.chosen ?? (typeof remembered === 'string' ? remembered : null);
      this.list = this.all(projects);
      this.error = null;
      if (wanted !== null && this.find(wanted) === null) {
        await this.visit(wanted).catch(() => null);
      }
      const first = projects.find(({ problem }) => problem === undefined) ?? projects[0];
      this.chosen = (this.find(wanted) ?? first ?? null)?.path ?? null;
    } catch (error) {
      this.error = error as Error;
      if (error instanceof Unreachable) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => void this.refresh(), RETRY);
      }
    }
    this.bell.ring();
  }

  private all(found: IProjectRef[]): IProjectRef[] {
    const more = [...this.visited.values()].filter(({ path }) => !found.some(project => project.path === path));
    return [...found, ...more];
  }

  private readonly visited = new Map<string, IProjectRef>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: Promise<void> | null = null;
  private readonly remembered: Promise<unknown>;
  private readonly backends = new Map<string | null, ServerBackend>();
  private readonly started = new Bell<[ServerBackend, string]>();
  private readonly bell = new Bell<void>();
}
