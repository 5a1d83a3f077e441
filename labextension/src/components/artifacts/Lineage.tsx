/** What came from what, around an artifact or a run: as a graph, or as a list that reads well aloud. */
import { List, Network } from 'lucide-react';
import { Suspense, useEffect, useMemo, useState } from 'react';
import { bundled } from '../../model/artifacts/bundles';
import { grown } from '../../model/artifacts/lineage';
import type { ILineage } from '../../model/contract';
import { useAnswer } from '../answers';
import { useBackend, useHost, useT } from '../surroundings';
import { Button, Empty, fetched, Loading, Problem, Tabs } from '../ui';
import { LineageList } from './LineageList';

// dagre comes with it
const LineageGraph = fetched(async () => ({ default: (await import('./LineageGraph')).LineageGraph }));

interface ILineageProps {
  artifact?: string;
  run?: string;
  /** How many links away from it. */
  depth?: number;
}

export function Lineage({ artifact, run, depth = 3 }: ILineageProps) {
  const t = useT();
  const [look, setLook] = useState<'graph' | 'list'>('graph');
  const [far, setFar] = useState(depth);
  const { value, error, refresh } = useAnswer(
    'lineage.get',
    { ...(artifact === undefined ? {} : { artifact }), ...(run === undefined ? {} : { run }), depth: far },
    { stale: event => event.type === 'changed' && event.what === 'artifacts' }
  );
  const [graph, expand] = useGrown(value);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const seen = useMemo(() => graph && bundled(graph, unfolded), [graph, unfolded]);
  const unfold = (id: string) => setUnfolded(now => new Set([...now, id]));
  if (graph === null || seen === null) {
    return error ? <Problem error={error} retry={refresh} /> : <Loading />;
  }
  if (graph.nodes.length < 2) {
    return (
      <Empty title={t('No lineage yet')}>{t('Nothing was made from it, and it was made from nothing that is known.')}</Empty>
    );
  }
  return (
    <section className="jmo-lineage" aria-label={t('Lineage')}>
      <div className="jmo-lineage-bar">
        <Tabs<'graph' | 'list'>
          look="segments"
          label={t('Lineage as')}
          value={look}
          onChange={setLook}
          tabs={[
            { key: 'graph', label: t('Graph'), icon: Network },
            { key: 'list', label: t('List'), icon: List }
          ]}
        />
        {graph.cut ? <Button onClick={() => setFar(far + 2)}>{t('Show more')}</Button> : null}
      </div>
      {error ? <Problem error={error} retry={refresh} /> : null}
      {look === 'list' ? (
        <LineageList graph={seen} onUnfold={unfold} />
      ) : (
        <Suspense fallback={<Loading />}>
          <LineageGraph graph={seen} onExpand={expand} onUnfold={unfold} />
        </Suspense>
      )}
    </section>
  );
}

/** The answer, with what was asked for beyond it. */
function useGrown(value: ILineage | null): [ILineage | null, (node: ILineage['nodes'][number]) => Promise<void>] {
  const t = useT();
  const host = useHost();
  const backend = useBackend();
  const [graph, setGraph] = useState(value);
  useEffect(() => setGraph(before => (value && before ? grown(value, before) : value)), [value]);
  const expand = async (node: ILineage['nodes'][number]) => {
    try {
      const more = await backend.call('lineage.get', { [node.type === 'run' ? 'run' : 'artifact']: node.id, depth: 2 });
      const known = new Set(graph?.nodes.map(({ id }) => id));
      if (more.nodes.every(({ id }) => known.has(id))) {
        host.notify(t('Nothing more around “%1”', node.name));
      }
      setGraph(before => (before ? grown(before, more) : more));
    } catch (error) {
      host.notify((error as Error).message, 'error');
    }
  };
  return [graph ?? value, expand];
}
