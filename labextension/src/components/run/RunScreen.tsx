/** One run: what it was asked, what came of it, and how it goes on. */
import { useState } from 'react';
import type { IRunDetail } from '../../model/contract';
import { useAnswer, useEvents } from '../answers';
import { useT } from '../surroundings';
import { Loading, Problem, Tabs } from '../ui';
import { Header } from './Header';
import { Overview } from './Overview';

type Part = 'overview' | 'artifacts' | 'cells' | 'environment';

export function RunScreen({ run }: { run: string }) {
  const t = useT();
  const [part, setPart] = useState<Part>('overview');
  const { value, error, refresh } = useAnswer(
    'runs.get',
    { run },
    { stale: event => (event.type === 'run' && event.run.id === run) || (event.type === 'step' && event.run === run) }
  );
  useEvents(() => undefined, run);
  if (value === null) {
    return error ? <Problem error={error} retry={refresh} /> : <Loading />;
  }
  return (
    <section className="jmo-run" aria-label={t('Run %1', value.name)}>
      <Header run={value} />
      <Tabs<Part>
        label={t('Parts of the run')}
        value={part}
        onChange={setPart}
        tabs={[{ key: 'overview', label: t('Overview') }]}
      />
      <div className="jmo-run-body">{shown(part, value)}</div>
    </section>
  );
}

function shown(part: Part, run: IRunDetail) {
  return part === 'overview' ? <Overview run={run} /> : null;
}
