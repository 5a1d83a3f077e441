/** Tell when a run that was started in this Lab ends. */
import { Notification } from '@jupyterlab/apputils';
import type { IRunRow } from '../model/contract';
import { duration, isFinished, plain } from '../model/format';
import type { ServerBackend } from './backend';
import { Commands } from './commands';
import type { Workplace } from './workplace';

export class Endings {
  constructor(private readonly place: Workplace) {
    place.projects.onStarted((backend, run) => this.await(backend, run));
  }

  /** Hear the project until the run is over; its state may have changed before we listened. */
  private await(backend: ServerBackend, run: string): void {
    let over = false;
    const done = (row: IRunRow) => {
      if (!over && row.id === run && isFinished(row.state)) {
        over = true;
        off();
        this.tell(backend, row);
      }
    };
    const ask = () =>
      backend.call('runs.list', { query: `id = '${run}'`, limit: 1 }).then(({ rows }) => rows.forEach(done), ignore);
    const offEvents = backend.watch(event => {
      if (event.type === 'run') {
        done(event.run);
      } else if (event.type === 'removed' && event.run === run) {
        over = true;
        off();
      }
    });
    const offConnection = backend.onConnection(state => state === 'connected' && void ask());
    const off = () => {
      offEvents();
      offConnection();
    };
    void ask();
  }

  private tell(backend: ServerBackend, run: IRunRow): void {
    const { notifications } = this.place.preferences;
    const failed = run.state === 'error' || run.state === 'aborted';
    if (notifications === 'none' || (notifications === 'errors' && run.state !== 'error')) {
      return;
    }
    const { t, app } = this.place;
    const open = {
      label: t('Open run'),
      callback: () => void app.commands.execute(Commands.openRun, { run: run.id, project: backend.project })
    };
    const text = failed
      ? run.state === 'aborted'
        ? t('%1 was aborted', run.name)
        : t('%1 failed: %2', run.name, plain(run.reason).slice(0, 200) || t('see the run'))
      : t('%1 completed in %2', run.name, duration(run.duration) || '0 s');
    const type = run.state === 'error' ? 'error' : run.state === 'aborted' ? 'warning' : 'success';
    Notification.emit(text, type, { autoClose: run.state === 'error' ? false : 6000, actions: [open] });
  }
}

const ignore = (): void => undefined;
