/**
 * A workflow's file that somebody else changes: shown at once when nothing is unsaved here, else it's asked which to keep. One
 * that goes away leaves its text here, unsaved.
 */
import { Notification } from '@jupyterlab/apputils';
import type { DocumentWidget } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import type { IBackend } from '../model/backend';
import type { Workplace } from './workplace';

/** Milliseconds. */
const AGAIN = 700;

export class OutsideChanges {
  constructor(
    private readonly place: Workplace,
    private readonly widget: DocumentWidget,
    backend: IBackend
  ) {
    this.listen(backend);
  }

  listen(backend: IBackend): void {
    this.off();
    this.off = backend.watch(event => {
      if (event.type === 'changed' && event.what === 'workflows') {
        void this.check();
      }
    });
  }

  dispose(): void {
    this.off();
    this.withdraw();
  }

  private async check(): Promise<void> {
    const { context } = this.widget;
    await context.ready;
    const there = await this.read();
    if (this.widget.isDisposed || there === 'unknown') {
      return;
    }
    if (there === 'gone') {
      this.miss();
      return;
    }
    const text = String(there.content).replace(/\r\n?/g, '\n');
    const shown = context.model.toString();
    const untouched = !context.model.dirty || shown === this.missed;
    if (this.missed !== null) {
      this.missed = null;
      this.withdraw();
    } else if (there.last_modified === context.contentsModel?.last_modified) {
      return;
    }
    if (text === shown) {
      context.model.dirty = !untouched;
    } else if (untouched) {
      await this.reload();
    } else if (text !== this.declined) {
      this.ask(text);
    }
  }

  /** The file as it is; a moment without it, as while it is replaced or renamed, doesn't count. */
  private async read(tries = 2): Promise<Contents.IModel | 'gone' | 'unknown'> {
    const { context } = this.widget;
    const { contents } = this.place.app.serviceManager;
    try {
      return await contents.get(context.path, { content: true, type: 'file', format: 'text' });
    } catch (error) {
      if ((error as { response?: Response }).response?.status !== 404) {
        return 'unknown';
      }
    }
    if (tries <= 1 || this.widget.isDisposed) {
      return 'gone';
    }
    await new Promise(resolve => setTimeout(resolve, AGAIN));
    return this.read(tries - 1);
  }

  /** Nothing is lost as long as the text is here: Lab asks before it closes what is dirty. */
  private miss(): void {
    const { context, title } = this.widget;
    const { t } = this.place;
    if (this.missed !== null) {
      return;
    }
    this.missed = context.model.dirty ? '' : context.model.toString();
    context.model.dirty = true;
    this.withdraw();
    this.asked = Notification.warning(
      t('%1 was deleted or renamed elsewhere. What it said is still here, unsaved.', title.label),
      {
        autoClose: false,
        actions: [{ label: t('Save it again'), callback: () => void context.save() }]
      }
    );
  }

  private async reload(): Promise<void> {
    const { context } = this.widget;
    await context.revert();
    context.model.dirty = false; // Lab leaves it as it was
  }

  private ask(text: string): void {
    const { t } = this.place;
    this.withdraw();
    this.asked = Notification.warning(t('%1 was changed elsewhere, and has unsaved changes here.', this.widget.title.label), {
      autoClose: false,
      actions: [
        { label: t('Reload'), callback: () => void this.reload() },
        { label: t('Keep mine'), callback: () => void (this.declined = text) }
      ]
    });
  }

  private withdraw(): void {
    if (this.asked !== null) {
      Notification.dismiss(this.asked);
      this.asked = null;
    }
  }

  private off: () => void = () => undefined;
  private asked: string | null = null;
  private declined: string | null = null;
  /** Of a file that went away: the text when it did, if that was saved; null while the file is there. */
  private missed: string | null = null;
}
