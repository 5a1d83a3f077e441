/** The run's metrics, a chart each; of a run that leads others, theirs. */
import { useMemo } from 'react';
import type { IRunDetail } from '../../model/contract';
import { ChartGrid } from '../charts';
import { useT } from '../surroundings';

const MOST = 50;

export function Charts({ run }: { run: IRunDetail }) {
  const t = useT();
  const all = run.metrics.length === 0 ? run.steps.filter(step => step.run !== null) : [];
  const led = all.slice(0, MOST);
  const ids = (led.length > 0 ? led.map(step => step.run ?? '') : [run.id]).join('\n');
  const runs = useMemo(() => ids.split('\n'), [ids]);
  const nameOf = (id: string): string => (id === run.id ? run.name : (run.steps.find(step => step.run === id)?.name ?? id));
  return (
    <>
      {all.length > MOST ? (
        <p className="jmo-muted">
          {t('Only the first %1 of %2 are drawn: choose others in the table of runs.', MOST, all.length)}
        </p>
      ) : null}
      <ChartGrid runs={runs} nameOf={nameOf} legend={runs.length > 1} />
    </>
  );
}
