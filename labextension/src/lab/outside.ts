/** A workflow's file that somebody else changes: shown at once when nothing is unsaved here, else it's asked which to keep. */
import { Notification } from '@jupyterlab/apputils';
import type { DocumentWidget } from '@jupyterlab/docregistry';
import type { IBackend } from '../model/backend';
import type { Workplace } from './workplace';

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
    const there = await this.place.app.serviceManager.contents
      .get(context.path, { content: true, type: 'file', format: 'text' })
      .catch(() => null); // deleted or renamed: Lab says so by itself
    if (this.widget.isDisposed || there === null || there.last_modified === context.contentsModel?.last_modified) {
      return;
    }
    const text = String(there.content).replace(/\r\n?/g, '\n');
    if (text === context.model.toString()) {
      return;
    }
    if (!context.model.dirty) {
      await this.reload();
    } else if (text !== this.declined) {
      this.ask(text);
    }
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
}
