/** What can be done with runs, with questions asked and refusals said. */
import { useMemo } from 'react';
import type { IRunRow } from '../../model/contract';
import type { IHost } from '../../model/host';
import type { IBackend } from '../../model/backend';
import { runGiven } from '../../model/forms/given';
import { csv } from '../../model/runs/csv';
import { useBackend, useHost } from '../surroundings';
import { lossOf } from './removal';

export interface IRunActions {
  /** Whether only the harmless ones of these can be done: copying. */
  readonly: boolean;
  rerun(run: IRunRow): Promise<boolean>;
  change(run: IRunRow): void;
  resume(run: IRunRow): Promise<boolean>;
  abort(runs: IRunRow[]): Promise<boolean>;
  remove(runs: IRunRow[]): Promise<boolean>;
  tag(runs: IRunRow[]): void;
  copyCsv(runs: IRunRow[]): void;
  copy(text: string, said: string): void;
}

export function useRunActions(): IRunActions {
  const backend = useBackend();
  const host = useHost();
  return useMemo(() => actions(backend, host), [backend, host]);
}

/** `env=prod` or `best`; null when it is neither. */
export function tagOf(text: string): { key: string; value: string } | null {
  const [key, ...rest] = text.split('=');
  return key.trim() === '' ? null : { key: key.trim(), value: rest.join('=').trim() };
}

function actions(backend: IBackend, host: IHost): IRunActions {
  const { t } = host;
  const trying = (work: Promise<unknown>): Promise<boolean> =>
    work.then(
      () => true,
      (error: Error) => {
        host.notify(error.message, 'error');
        return false;
      }
    );
  const copy = (text: string, said: string): void =>
    void trying(navigator.clipboard.writeText(text).then(() => host.notify(said, 'success')));
  return {
    readonly: backend.readonly === true,
    copy,
    rerun: ({ id }) => trying(backend.call('runs.rerun', { run: id }).then(made => host.openRun(made.run))),
    resume: ({ id }) => trying(backend.call('runs.resume', { run: id }).then(made => host.openRun(made.run))),
    change: run =>
      void trying(
        backend.call('runs.get', { run: run.id }).then(detail => {
          host.openForm(detail.function ?? detail.workflow ?? detail.name, runGiven(detail));
        })
      ),
    abort: runs => trying(Promise.all(runs.map(({ id }) => backend.call('runs.abort', { run: id })))),
    remove: async runs => {
      if (backend.readonly) {
        return false;
      }
      const sure = await host.confirm({
        title: runs.length === 1 ? t('Delete %1?', runs[0].name) : t('Delete %1 runs?', runs.length),
        body: await lossOf(runs, backend, t),
        accept: t('Delete'),
        danger: true
      });
      return sure && trying(inTurn(runs, run => backend.call('runs.delete', { run: run.id })));
    },
    tag: async runs => {
      const text = await host.ask({
        title: runs.length === 1 ? t('Tag %1', runs[0].name) : t('Tag %1 runs', runs.length),
        label: t('name=value'),
        accept: t('Tag'),
        check: said => (tagOf(said) ? null : t('Write name=value, like stage=test.'))
      });
      const tag = text === null ? null : tagOf(text);
      if (tag) {
        await trying(inTurn(runs, run => backend.call('runs.tag', { run: run.id, tags: { [tag.key]: tag.value } })));
      }
    },
    copyCsv: runs => copy(csv(runs), t('%1 runs copied as CSV', runs.length))
  };
}

async function inTurn<T>(list: T[], work: (one: T) => Promise<unknown>): Promise<void> {
  for (const one of list) {
    await work(one);
  }
}
