/** The run's metrics, a chart each; of a run that leads others, theirs. */
import { useMemo } from 'react';
import type { IRunDetail } from '../../model/contract';
import { ChartGrid } from '../charts';

const MOST = 50;

export function Charts({ run }: { run: IRunDetail }) {
  const led = run.metrics.length === 0 ? run.steps.filter(step => step.run !== null).slice(0, MOST) : [];
  const ids = (led.length > 0 ? led.map(step => step.run ?? '') : [run.id]).join('\n');
  const runs = useMemo(() => ids.split('\n'), [ids]);
  const nameOf = (id: string): string => (id === run.id ? run.name : (run.steps.find(step => step.run === id)?.name ?? id));
  return <ChartGrid runs={runs} nameOf={nameOf} legend={runs.length > 1} />;
}
