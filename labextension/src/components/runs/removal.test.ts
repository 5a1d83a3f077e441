import { expect, it } from 'vitest';
import type { ILineage } from '../../model/contract';
import { MemoryBackend, memoryHost } from '../../testing/backend';
import { lossOf } from './removal';

const { t } = memoryHost();
const edge = (source: string, target: string) => ({ source, target, name: '' });

it('what is lost with a run is said, and how many others used what it made', async () => {
  const graph: ILineage = {
    nodes: [],
    edges: [edge('before', 'r'), edge('r', 'model'), edge('model', 'a'), edge('model', 'b'), edge('before', 'c')],
    cut: false
  };
  const said = await lossOf([{ id: 'r', children: 3 }], new MemoryBackend({ 'lineage.get': graph }), t);
  expect(said).toContain('the 3 runs that it led');
  expect(said).toContain('2 other runs used its artifacts');
});

it('a run whose lineage can’t be read is asked about all the same', async () => {
  const said = await lossOf([{ id: 'r', children: 0 }], new MemoryBackend(), t);
  expect(said).toBe('Params, results, logs, notebooks and the artifacts it made go away for good.');
});
