/** A workflow's text that is fetched and saved by operations, where there is no document of Lab. */
import { Refusal, type IBackend } from '../backend';
import { Bell } from '../bell';
import type { Event } from '../contract';
import type { IWorkflowFile } from '../file';
import type { ILeft } from './frame';

export class WorkflowFile implements IWorkflowFile {
  /** @param overwrite - asked when the file was changed from outside since it was read */
  static async open(backend: IBackend, name: string, overwrite: () => Promise<boolean>): Promise<WorkflowFile> {
    const { yaml, etag } = await backend.call('workflows.get', { name });
    return new WorkflowFile(backend, name, yaml, etag, overwrite);
  }

  private constructor(
    private readonly backend: IBackend,
    readonly name: string,
    private current: string,
    private etag: string | null,
    private readonly overwrite: () => Promise<boolean>
  ) {
    this.saved = current;
    this.off = [
      backend.watch(event => concerns(event, name) && void this.look()),
      backend.onConnection(connection => connection === 'connected' && void this.look())
    ];
  }

  get text(): string {
    return this.current;
  }

  get dirty(): boolean {
    return this.current !== this.saved;
  }

  get readonly(): boolean {
    return this.backend.readonly === true;
  }

  edit(text: string): void {
    if (text !== this.current && !this.readonly) {
      this.current = text;
      this.changed.ring();
    }
  }

  /** Hash of the file that the text was made from. */
  get base(): string | null {
    return this.etag;
  }

  /** Go on with a text that wasn't saved; where the file has changed since, saving asks. */
  adopt({ draft, etag }: ILeft): void {
    if (draft !== this.current) {
      this.etag = etag;
      this.edit(draft);
    }
  }

  async save(): Promise<void> {
    const yaml = this.current;
    try {
      this.keep(yaml, await this.backend.call('workflows.save', { name: this.name, yaml, etag: this.etag }));
    } catch (error) {
      if (!(error instanceof Refusal && error.status === 409 && (await this.overwrite()))) {
        throw error;
      }
      this.keep(yaml, await this.backend.call('workflows.save', { name: this.name, yaml }));
    }
  }

  onChange(listener: () => void): () => void {
    return this.changed.on(listener);
  }

  dispose(): void {
    this.off.forEach(off => off());
  }

  private keep(sent: string, stored: { yaml: string; etag: string | null }): void {
    this.etag = stored.etag;
    this.saved = stored.yaml;
    if (this.current === sent) {
      this.current = stored.yaml; // else it was edited meanwhile, and stays unsaved
    }
    this.changed.ring();
  }

  /** Take over what changed outside; edits that aren't saved stay, and saving them asks. */
  private async look(): Promise<void> {
    const before = this.saved;
    const found = await this.backend.call('workflows.get', { name: this.name }).catch(() => null);
    if (found && found.etag !== this.etag && before === this.saved && !this.dirty) {
      this.etag = found.etag;
      this.saved = this.current = found.yaml;
      this.changed.ring();
    }
  }

  private saved: string;
  private readonly off: (() => void)[];
  private readonly changed = new Bell<void>();
}

const concerns = (event: Event, name: string): boolean =>
  event.type === 'changed' && event.what === 'workflows' && (event.name === null || event.name === name);
