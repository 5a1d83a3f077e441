/** What Lab does for the components: tabs, dialogs, notifications, the file browser, the renderers. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { IDocumentWidget } from '@jupyterlab/docregistry';
import { MimeModel, type IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { createElement } from 'react';
import type { IGiven, IHost } from '../model/host';
import { Commands } from './commands';
import { seal } from './sealed';

export class LabHost implements IHost {
  constructor(
    readonly place: 'sidebar' | 'main',
    private readonly project: string | null,
    private readonly app: JupyterFrontEnd,
    private readonly translation: TranslationBundle,
    private readonly renderers: IRenderMimeRegistry | null
  ) {}

  openRuns = (query?: string): void => this.run(Commands.openRuns, { query: query ?? null });
  openRun = (run: string): void => this.run(Commands.openRun, { run });
  openComparison = (runs: string[]): void => this.run(Commands.compare, { runs });
  openWorkflow = (name: string): void => this.run(Commands.openWorkflow, { name });
  openArtifact = (uid: string): void => this.run(Commands.openArtifact, { uid });
  openForm = (target: string, given?: IGiven): void => this.run(Commands.openForm, { target, given: (given ?? null) as never });

  openFile = (path: string, given?: { readonly?: boolean }): void => {
    const options = given?.readonly ? { options: { mode: 'tab-after' } } : {};
    void this.app.commands
      .execute('docmanager:open', { path, ...options })
      .then((widget?: IDocumentWidget) => (given?.readonly && widget ? seal(widget) : undefined));
  };

  async confirm(question: { title: string; body: string; accept: string; danger?: boolean }): Promise<boolean> {
    const accept = { label: question.accept };
    const buttons = [Dialog.cancelButton(), question.danger ? Dialog.warnButton(accept) : Dialog.okButton(accept)];
    // what can't be taken back isn't what Enter does
    const defaultButton = question.danger ? 0 : 1;
    const body = createElement('span', { className: 'jmo-dialog-text' }, question.body);
    const answer = await showDialog({ title: question.title, body, buttons, defaultButton });
    return answer.button.accept;
  }

  async ask(question: {
    title: string;
    label: string;
    value?: string;
    accept: string;
    check?(text: string): string | null;
  }): Promise<string | null> {
    let text = question.value ?? '';
    for (let problem: string | null = null; ;) {
      const answer = await InputDialog.getText({
        title: question.title,
        label: problem ?? question.label,
        text,
        okLabel: question.accept
      });
      if (!answer.button.accept || answer.value === null) {
        return null;
      }
      text = answer.value;
      problem = question.check?.(text) ?? null;
      if (problem === null) {
        return text;
      }
    }
  }

  notify(message: string, kind: 'info' | 'success' | 'error' = 'info'): void {
    Notification.emit(message, kind, { autoClose: kind === 'error' ? 10000 : 4000 });
  }

  render = (mime: string, data: unknown, node: HTMLElement): (() => void) => {
    const renderer = this.renderers?.preferredMimeType({ [mime]: data as never }, 'any')
      ? this.renderers.createRenderer(mime)
      : null;
    if (!renderer) {
      return () => undefined;
    }
    Widget.attach(renderer, node);
    void renderer.renderModel(new MimeModel({ data: { [mime]: data as never }, trusted: false }));
    return () => {
      if (!renderer.node.isConnected) {
        MessageLoop.sendMessage(renderer, Widget.Msg.AfterDetach); // what it is in was taken away first
      }
      renderer.dispose();
    };
  };

  t = (text: string, ...args: (string | number)[]): string => this.translation.__(text, ...args);

  private run(command: string, args: Record<string, unknown>): void {
    void this.app.commands.execute(command, { ...args, project: this.project } as never);
  }
}
