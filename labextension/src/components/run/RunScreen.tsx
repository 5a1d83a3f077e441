/** One run: what it was asked, what came of it, and how it goes on. */
import { Suspense, useState, type ReactNode } from 'react';
import type { IRunDetail } from '../../model/contract';
import { isFinished } from '../../model/format';
import { useHost, useT } from '../surroundings';
import { Button, Empty, fetched, Loading, Problem, Tabs, type ITab } from '../ui';
import { Artifacts } from './Artifacts';
import { Cells } from './Cells';
import { Code } from './Code';
import { Environment } from './Environment';
import { Header } from './Header';
import { Overview } from './Overview';
import { useRun } from './useRun';

// each is fetched when its tab is first shown
const Charts = fetched(async () => ({ default: (await import('./Charts')).Charts }));
const SweepPanel = fetched(async () => ({ default: (await import('../compare')).SweepPanel }));
const LogViewer = fetched(async () => ({ default: (await import('../log/LogViewer')).LogViewer }));
const Lineage = fetched(async () => ({ default: (await import('../artifacts/Lineage')).Lineage }));

type Part = 'overview' | 'sweep' | 'metrics' | 'artifacts' | 'log' | 'cells' | 'code' | 'environment' | 'lineage';

export function RunScreen({ run: id }: { run: string }) {
  const t = useT();
  const host = useHost();
  const { run, error, gone, refresh } = useRun(id);
  const [asked, setPart] = useState<Part>('overview');
  if (gone) {
    return (
      <Empty title={t('This run was deleted')} actions={<Button onClick={() => host.openRuns()}>{t('Open runs')}</Button>}>
        {id}
      </Empty>
    );
  }
  if (run === null) {
    return error ? (
      <>
        <Problem error={error} retry={refresh} />
        <Empty title={t('The run can’t be shown')} actions={<Button onClick={() => host.openRuns()}>{t('Open runs')}</Button>} />
      </>
    ) : (
      <Loading lines={9} />
    );
  }
  const tabs = tabsOf(run, t);
  const part = tabs.some(({ key }) => key === asked) ? asked : 'overview';
  return (
    <section className="jmo-run" aria-label={t('Run %1', run.name)}>
      <Header run={run} />
      <Tabs<Part> label={t('Parts of the run')} value={part} onChange={setPart} tabs={tabs} />
      {error ? <Problem error={error} retry={refresh} /> : null}
      <div className={`jmo-run-body jmo-run-${part}`} role="tabpanel" aria-label={tabs.find(({ key }) => key === part)?.label}>
        <Suspense fallback={<Loading />}>{shown(part, run)}</Suspense>
      </div>
    </section>
  );
}

function tabsOf(run: IRunDetail, t: (text: string) => string): ITab<Part>[] {
  const led = run.steps.length > 0;
  const tabs: (ITab<Part> | false)[] = [
    { key: 'overview', label: t('Overview') },
    run.sweep !== null && { key: 'sweep', label: t('Sweep') },
    { key: 'metrics', label: t('Metrics'), count: run.metrics.length || undefined },
    { key: 'artifacts', label: t('Artifacts'), count: run.artifacts.length || undefined },
    { key: 'log', label: t('Log') },
    !led && { key: 'cells', label: t('Cells'), count: run.cells.length || undefined },
    run.function !== null && { key: 'code', label: t('Code') },
    { key: 'environment', label: t('Environment') },
    { key: 'lineage', label: t('Lineage') }
  ];
  return tabs.filter(tab => tab !== false);
}

function shown(part: Part, run: IRunDetail): ReactNode {
  switch (part) {
    case 'overview':
      return <Overview run={run} />;
    case 'sweep':
      return <SweepPanel run={run.id} />;
    case 'metrics':
      return <Charts run={run} />;
    case 'artifacts':
      return <Artifacts artifacts={run.artifacts} live={!isFinished(run.state)} />;
    case 'log':
      return <LogViewer run={run.id} live={!isFinished(run.state)} />;
    case 'cells':
      return <Cells run={run} />;
    case 'code':
      return <Code run={run} />;
    case 'environment':
      return <Environment run={run} />;
    case 'lineage':
      return <Lineage run={run.id} />;
  }
}
