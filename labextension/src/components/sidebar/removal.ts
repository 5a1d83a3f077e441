/** Ask before something goes, and say what depends on it. */
import type { Args, Operation } from '../../model/contract';
import type { IWorkbench } from './workbench';

/** Do something on the server; what goes wrong is told. */
export async function ask<K extends Operation>({ backend, host }: IWorkbench, operation: K, args: Args<K>): Promise<void> {
  try {
    await backend.call(operation, args);
  } catch (error) {
    host.notify((error as Error).message, 'error');
  }
}

export async function remove<K extends Operation>(
  bench: IWorkbench,
  title: string,
  body: string,
  operation: K,
  args: Args<K>
): Promise<void> {
  const accept = bench.host.t('Delete');
  if (await bench.host.confirm({ title, body, accept, danger: true })) {
    await ask(bench, operation, args);
  }
}

export async function removeFunction(name: string, bench: IWorkbench): Promise<void> {
  const { t } = bench.host;
  const workflows = await bench.backend.call('functions.get', { name }).then(
    found => found.workflows,
    () => null // it can't be read, and may be deleted all the same
  );
  const users =
    workflows === null
      ? t('Workflows that use it will not run any more.')
      : workflows.length === 0
        ? t('No workflow uses it.')
        : workflows.length === 1
          ? t('The workflow %1 uses it, and will not run any more.', workflows[0])
          : t('%1 workflows use it, and will not run any more: %2.', workflows.length, named(workflows));
  await remove(bench, t('Delete the Function %1?', name), `${users} ${t('Its runs stay.')}`, 'functions.delete', { name });
}

const MOST = 8;

function named(names: string[]): string {
  return names.length > MOST ? `${names.slice(0, MOST).join(', ')}, …` : names.join(', ');
}

export async function removeArtifact(uid: string, key: string, bench: IWorkbench): Promise<void> {
  const { t } = bench.host;
  const users = await bench.backend.call('artifacts.get', { uid }).then(
    ({ consumers }) => consumers.length,
    () => 0
  );
  const body =
    users === 0
      ? t('No run has used it.')
      : users === 1
        ? t('One run used it, and can’t be run again with it.')
        : t('%1 runs used it, and can’t be run again with it.', users);
  await remove(bench, t('Delete this version of %1?', key), body, 'artifacts.delete', { uid });
}
