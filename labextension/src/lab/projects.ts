/** The projects below the server's root, the one that is chosen in this workspace, and a backend for each. */
import type { ServerConnection } from '@jupyterlab/services';
import type { IStateDB } from '@jupyterlab/statedb';
import { Bell } from '../model/bell';
import type { IProjectRef } from '../model/contract';
import { ServerBackend } from './backend';

const KEY = 'jupyter-mlops:project';

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

  /** One backend per project, so that all its tabs share one websocket. */
  backend(path: string | null): ServerBackend {
    let backend = this.backends.get(path);
    if (!backend) {
      backend = new ServerBackend(this.settings, path);
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
      void this.state?.save(KEY, path);
      this.bell.ring();
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
      this.list = projects;
      this.error = null;
      const wanted = this.chosen ?? (typeof remembered === 'string' ? remembered : null);
      this.chosen = (this.find(wanted) ?? projects[0] ?? null)?.path ?? null;
    } catch (error) {
      this.error = error as Error;
    }
    this.bell.ring();
  }

  private asking: Promise<void> | null = null;
  private readonly remembered: Promise<unknown>;
  private readonly backends = new Map<string | null, ServerBackend>();
  private readonly bell = new Bell<void>();
}
