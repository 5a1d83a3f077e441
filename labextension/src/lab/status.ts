/** How many runs go on, in the status bar; a click shows them. */
import type { IStatusBar } from '@jupyterlab/statusbar';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import type { ServerBackend } from './backend';
import { Commands } from './commands';
import { mlopsIcon } from './icon';
import type { Workplace } from './workplace';

const WAIT = 700; // milliseconds, so that a burst of events makes one question

export function addStatus(place: Workplace, bar: IStatusBar): void {
  const item = new RunningCount(place);
  bar.registerStatusItem('jupyter-mlops:running', {
    item,
    align: 'left',
    rank: 4,
    isActive: () => item.isWanted,
    activeStateChanged: item.wantedChanged
  });
}

class RunningCount extends Widget {
  constructor(private readonly place: Workplace) {
    super({ node: document.createElement('button') });
    this.addClass('jmo-status');
    this.node.setAttribute('type', 'button');
    const sign = document.createElement('span');
    mlopsIcon.element({ container: sign, stylesheet: 'statusBar' });
    this.node.append(sign, this.count);
    this.node.addEventListener('click', () => {
      const query = this.running > 0 ? "state IN ('pending', 'running', 'aborting')" : '';
      void place.app.commands.execute(Commands.openRuns, { query });
    });
    place.onChange(() => this.attend());
    this.attend();
  }

  readonly wantedChanged = new Signal<this, void>(this);

  get isWanted(): boolean {
    return this.backend !== null;
  }

  /** Count the runs of the project that is chosen now. */
  private attend(): void {
    const { projects, preferences } = this.place;
    const backend = preferences.statusBar && projects.chosen !== null ? projects.current : null;
    if (backend === this.backend) {
      return;
    }
    this.backend = backend;
    this.off();
    this.off = () => undefined;
    if (backend) {
      const offEvents = backend.watch(event => event.type === 'run' && event.run.parent === null && this.soon());
      const offConnection = backend.onConnection(state => state === 'connected' && this.soon());
      this.off = () => {
        offEvents();
        offConnection();
      };
      this.soon(0);
    }
    this.wantedChanged.emit();
  }

  private soon(wait = WAIT): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      void this.ask();
    }, wait);
  }

  private async ask(): Promise<void> {
    const { backend } = this;
    const project = await backend?.call('project.get', {}).catch(() => null);
    if (project && backend === this.backend) {
      const { t } = this.place;
      this.running = project.counts.running;
      this.count.textContent = String(this.running);
      const said =
        this.running === 1 ? t('1 run goes on in %1', project.name) : t('%1 runs go on in %2', this.running, project.name);
      this.node.title = said;
      this.node.setAttribute('aria-label', said);
      this.toggleClass('jmo-status-busy', this.running > 0);
    }
  }

  private backend: ServerBackend | null = null;
  private running = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private off: () => void = () => undefined;
  private readonly count = document.createElement('span');
}
