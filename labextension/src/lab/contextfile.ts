/** A document's text as the workflow editor knows it. */
import { PathExt } from '@jupyterlab/coreutils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { Unreachable } from '../model/backend';
import { Bell } from '../model/bell';
import type { IWorkflowFile } from '../model/file';

export class ContextFile implements IWorkflowFile {
  constructor(private readonly context: DocumentRegistry.Context) {
    const { model } = context;
    model.contentChanged.connect(this.ring);
    model.stateChanged.connect(this.ring);
    context.fileChanged.connect(this.ring);
    context.pathChanged.connect(this.ring);
    context.saveState.connect(this.saved);
    void context.ready.then(this.ring, () => undefined);
  }

  get name(): string {
    const file = PathExt.basename(this.context.path);
    return file.slice(0, file.length - PathExt.extname(file).length);
  }

  get text(): string {
    return this.context.model.toString();
  }

  edit(text: string): void {
    if (text !== this.text) {
      this.context.model.fromString(text);
      this.context.model.dirty = true; // a text that is given as a whole doesn't count as an edit by itself
      this.context.model.dirty = true; // the model doesn't tell a change from a reload
    }
  }

  get loading(): boolean {
    return !this.context.isReady;
  }

  get readonly(): boolean {
    // what isn't loaded yet is empty: an edit of that would be all that is left of it
    return this.loading || this.context.model.readOnly || this.context.contentsModel?.writable === false;
  }

  get dirty(): boolean {
    return this.context.model.dirty;
  }

  /** Whether something was written that isn't in the text. */
  get held(): boolean {
    return this.holds !== null;
  }

  /** Lab asks before it closes what is dirty, so it is that as long. */
  hold(unfinished: boolean): void {
    const { model } = this.context;
    if (unfinished && this.holds === null) {
      this.holds = { clean: model.dirty ? null : this.text };
      model.dirty = true;
    } else if (!unfinished && this.holds !== null) {
      const { clean } = this.holds;
      this.holds = null;
      if (clean === this.text) {
        model.dirty = false;
      }
    }
  }

  async save(): Promise<void> {
    try {
      await this.context.save();
    } catch (error) {
      throw error instanceof TypeError ? new Unreachable('The server can’t be reached.') : error;
    }
  }

  onChange(listener: () => void): () => void {
    return this.bell.on(listener);
  }

  dispose(): void {
    const { model } = this.context;
    model.contentChanged.disconnect(this.ring);
    model.stateChanged.disconnect(this.ring);
    this.context.saveState.disconnect(this.saved);
    this.context.fileChanged.disconnect(this.ring);
    this.context.pathChanged.disconnect(this.ring);
  }

  private readonly saved = (_: unknown, state: DocumentRegistry.SaveState): void => {
    if (state === 'completed' && this.holds !== null) {
      this.holds = { clean: this.text };
      this.context.model.dirty = true;
    }
  };
  /** `clean` is the text that needs no saving by itself; null when there is none. */
  private holds: { clean: string | null } | null = null;
  private readonly ring = (): void => this.bell.ring();
  private readonly bell = new Bell<void>();
}
