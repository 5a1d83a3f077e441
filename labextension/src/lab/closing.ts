/** A tab that is closed with something in it that saving wouldn't keep: Lab's own question isn't enough. */
import type { DocumentWidget } from '@jupyterlab/docregistry';
import { MessageLoop, type Message } from '@lumino/messaging';
import type { ContextFile } from './contextfile';
import type { Workplace } from './workplace';

export function askBeforeClosing(place: Workplace, widget: DocumentWidget, file: ContextFile): void {
  const { t } = place;
  const ask = async (): Promise<void> => {
    const sure = await place.host('main', null).confirm({
      title: t('Close with unfinished Python?'),
      body: t('What is written in %1 is no workflow yet, so it can’t be saved. It would be lost.', widget.title.label),
      accept: t('Close'),
      danger: true
    });
    if (sure) {
      file.hold(false);
      widget.close();
    }
  };
  const hook = (_: unknown, message: Message): boolean => {
    if (message.type === 'close-request' && file.held) {
      void ask();
      return false;
    }
    return true;
  };
  // Lab's own hook is there by then; the one that came last is asked first
  void widget.context.ready.then(() => MessageLoop.installMessageHook(widget, hook));
}
