/** Running the workflow from the editor. */
import { useCallback, useState } from 'react';
import type { IRunOptions } from '../../model/contract';
import { isGoing } from '../../model/workflow/live';
import { useBackend, useHost } from '../surroundings';
import type { IEditor } from './context';

export interface IRunning {
  /** Whether an order is on its way. */
  busy: boolean;
  going: boolean;
  /** Save, then run; asks for params when some must be given. */
  run(options?: IRunOptions): void;
  /** Save, then open the form. */
  form(): void;
  stop(): void;
  save(): void;
  /** null when the latest run can't be resumed. */
  resume: (() => void) | null;
}

export function useRunning({ file, doc, live }: Pick<IEditor, 'file' | 'doc' | 'live'>): IRunning {
  const backend = useBackend();
  const host = useHost();
  const [busy, setBusy] = useState(false);

  const attempt = useCallback(
    (act: () => Promise<unknown>) => {
      setBusy(true);
      act()
        .catch((error: unknown) => host.notify(error instanceof Error ? error.message : String(error), 'error'))
        .finally(() => setBusy(false));
    },
    [host]
  );

  const saved = async () => {
    if (file.dirty) {
      try {
        await file.save();
      } catch (error) {
        throw new Error(host.t('%1 couldn’t be saved, so nothing was run. %2', file.name, (error as Error).message));
      }
      host.notify(host.t('Saved %1', file.name));
    }
  };
  const form = (options?: IRunOptions) =>
    attempt(async () => (await saved(), options ? host.openForm(file.name, { options }) : host.openForm(file.name)));
  const run = (options?: IRunOptions) => {
    if (doc.params.some(param => param.required)) {
      form(options);
    } else {
      attempt(async () => (await saved(), backend.call('runs.start', { target: file.name, options })));
    }
  };
  const going = isGoing(live);
  return {
    busy,
    going,
    run,
    form: () => form(),
    save: () => attempt(() => file.save()),
    stop: () => live && attempt(() => backend.call('runs.abort', { run: live.run.id })),
    resume:
      live?.resumable && !going
        ? () => attempt(async () => (await saved(), backend.call('runs.resume', { run: live.run.id })))
        : null
  };
}
