/** A Lumino widget that shows a screen, fetched when it's first visible. */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { lazy, Suspense } from 'react';
import type { IAppProps } from '../components/App';

const App = lazy(() => import('./screens').then(m => ({ default: m.App })));

export class Panel extends ReactWidget {
  constructor(private props: IAppProps) {
    super();
    this.addClass('jmo-host');
  }

  get screen(): IAppProps['screen'] {
    return this.props.screen;
  }

  /** Show something else. */
  exchange(props: Partial<IAppProps>): void {
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

  private reveal(): void {
    if (!this.revealed) {
      this.revealed = true;
      if (this.screen.view === 'sidebar') {
        void import('../components/sidebar/Sidebar'); // App would ask for it a moment later: not one after the other
      }
      this.update();
    }
  }

  private revealed = false;
}
