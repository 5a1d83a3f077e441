/** A Lumino widget that shows a screen, fetched when it's first visible. */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { lazy, Suspense } from 'react';
import type { App as Shown, IAppProps } from '../components/App';
import { code } from '../components/screens';
import { ASKED_FIRST } from '../model/sidebar';
import type { ServerBackend } from './backend';

const RETRY = 3000; // milliseconds

/** What the server doesn't give now, it may give in a moment; a failure would stay for ever. */
const screens = (): Promise<{ default: typeof Shown }> =>
  import('./screens').then(
    m => ({ default: m.App }),
    () => new Promise(resolve => setTimeout(resolve, RETRY)).then(screens)
  );
const App = lazy(screens);

type Props = IAppProps & { backend: ServerBackend };

export class Panel extends ReactWidget {
  constructor(private props: Props) {
    super();
    this.addClass('jmo-host');
  }

  get screen(): IAppProps['screen'] {
    return this.props.screen;
  }

  /** Show something else. */
  exchange(props: Partial<Props>): void {
    this.props = { ...this.props, ...props };
    this.update();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.reveal();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.reveal();
    }
  }

  render(): JSX.Element | null {
    return this.revealed ? (
      <Suspense fallback={null}>
        <App {...this.props} />
      </Suspense>
    ) : null;
  }

  /** All that is needed is asked for at once, as one after the other takes as long again. */
  private reveal(): void {
    if (!this.revealed) {
      this.revealed = true;
      import('./screens').catch(() => undefined); // where they are shown it is said what is wrong
      code[this.screen.view]().catch(() => undefined);
      if (this.screen.view === 'sidebar' && this.props.backend.project !== null) {
        ASKED_FIRST.forEach(question => this.props.backend.ahead(...question));
      }
      this.update();
    }
  }

  private revealed = false;
}
