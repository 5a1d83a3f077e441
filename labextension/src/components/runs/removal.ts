/** What goes when runs are deleted, and who used it: for the question before. */
import type { IBackend } from '../../model/backend';
import type { IRunRow } from '../../model/contract';
import type { IHost } from '../../model/host';

/** Of more runs it isn't asked who used what they made. */
const FEW = 20;

export async function lossOf(
  runs: readonly Pick<IRunRow, 'id' | 'children'>[],
  backend: IBackend,
  t: IHost['t']
): Promise<string> {
  const children = runs.reduce((sum, run) => sum + run.children, 0);
  const users = runs.length <= FEW ? await usersOf(runs, backend) : 0;
  return [
    t('Params, results, logs, notebooks and the artifacts it made go away for good.'),
    ...(children > 0 ? [t('So do the %1 runs that it led.', children)] : []),
    ...(users === 1 ? [t('Another run used its artifacts, and can’t be run again with them.')] : []),
    ...(users > 1 ? [t('%1 other runs used its artifacts, and can’t be run again with them.', users)] : [])
  ].join('\n');
}

/** How many runs took what these made; as far as it is known. */
async function usersOf(runs: readonly { id: string }[], backend: IBackend): Promise<number> {
  const own = new Set(runs.map(({ id }) => id));
  const found = new Set<string>();
  const graphs = await Promise.all(
    [...own].map(run => backend.call('lineage.get', { run, depth: 2 }).catch(() => null)) // it can be deleted all the same
  );
  for (const graph of graphs) {
    const made = new Set(graph?.edges.filter(({ source }) => own.has(source)).map(({ target }) => target));
    graph?.edges.filter(({ source, target }) => made.has(source) && !own.has(target)).forEach(({ target }) => found.add(target));
  }
  return found.size;
}
