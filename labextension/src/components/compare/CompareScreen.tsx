import { GitCompareArrows } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { asPlotted, dimensionsOf } from '../../model/charts/dimensions';
import { selection } from '../../model/charts/best';
import type { IComparison } from '../../model/contract';
import { shortId } from '../../model/format';
import { useAnswer } from '../answers';
import { ChartGrid, Linked, useRunColors } from '../charts';
import { useHost, useT } from '../surroundings';
import { Button, Empty, Loading, Problem } from '../ui';
import { AddRun } from './AddRun';
import { DiffTable } from './DiffTable';
import { distinctNames } from './names';
import { ParallelCoordinates } from './ParallelCoordinates';
import { RunChips } from './RunChips';
import { Scatter } from './Scatter';
import { useComparison } from './useComparison';

/** More can't be told apart. */
const MOST = 20;

/** Runs beside each other: what differs, their curves, and params against results. Pointing at a run anywhere shows it everywhere. */
export function CompareScreen({ runs: given }: { runs: string[] }) {
  const t = useT();
  const host = useHost();
  const [runs, setRuns] = useState(() => unique(given));
  const asked = given.join('\n');
  useEffect(() => setRuns(unique(asked === '' ? [] : asked.split('\n'))), [asked]);
  const linked = useMemo(() => new Linked(), []);
  const { value, gone, error, loading, refresh } = useComparison(runs);
  const colors = useRunColors(runs);
  const names = useMemo(() => distinctNames(value?.runs ?? []), [value]);
  const nameOf = useMemo(() => (run: string) => names.get(run) ?? shortId(run), [names]);
  const add = (run: string) => setRuns(unique([...runs, run]));
  const remove = (run: string) => setRuns(runs.filter(other => other !== run));
  return (
    <div className="jmo-compare">
      <div className="jmo-bar">
        <GitCompareArrows size={15} aria-hidden />
        <h2 className="jmo-title">{t('Compare')}</h2>
        <span className="jmo-tag jmo-num">{runs.length}</span>
        <RunChips runs={value?.runs ?? []} nameOf={nameOf} colorOf={colors} linked={linked} remove={remove} />
        <AddRun taken={runs} add={add} full={runs.length >= MOST} />
      </div>
      {gone.length ? (
        <div className="jmo-notice" role="status">
          {gone.length === 1 ? t('Run %1 is gone.', gone[0]) : t('%1 runs are gone.', gone.length)}
          <Button onClick={() => setRuns(runs.filter(run => !gone.includes(run)))}>{t('Leave out')}</Button>
        </div>
      ) : null}
      {error ? <Problem error={error} retry={refresh} /> : null}
      {value && runs.length ? (
        <Comparison comparison={value} nameOf={nameOf} linked={linked} />
      ) : loading ? (
        <Loading />
      ) : error ? null : (
        <Empty title={t('Nothing to compare')} actions={<Button onClick={() => host.openRuns()}>{t('Choose runs')}</Button>}>
          {t('Choose two or more runs in the table of runs, or add some here.')}
        </Empty>
      )}
    </div>
  );
}

const unique = (runs: readonly string[]): string[] => [...new Set(runs)].slice(0, MOST);

interface IComparisonProps {
  comparison: IComparison;
  nameOf(run: string): string;
  linked: Linked;
}

function Comparison({ comparison, nameOf, linked }: IComparisonProps) {
  const t = useT();
  const host = useHost();
  const [only, setOnly] = useState(true);
  const ids = useMemo(() => comparison.runs.map(({ id }) => id), [comparison]);
  const colors = useRunColors(ids);
  const plotted = useMemo(() => comparison.runs.map(run => ({ ...asPlotted(run), name: nameOf(run.id) })), [comparison, nameOf]);
  const colorOf = useMemo(() => (run: string) => colors(run).color, [colors]);
  const select = useSweep(comparison);
  const [chosen, setColorBy] = useState<string | null | undefined>(undefined);
  const bySelect = select ? `results.${selection(select).key}` : null;
  const colorBy = chosen === undefined && dimensionsOf(plotted).some(({ id }) => id === bySelect) ? bySelect : (chosen ?? null);
  const shared = { runs: plotted, colorOf, linked, colorBy, setColorBy, onPress: host.openRun };
  return (
    <div className="jmo-compare-body">
      {ids.length === 1 ? <p className="jmo-muted jmo-hint">{t('Add a second run to see what differs.')}</p> : null}
      <DiffTable
        {...{ comparison, nameOf, linked, select, setOnly }}
        only={only && ids.length > 1}
        colorOf={colors}
        onOpen={host.openRun}
      />
      {ids.length > 1 ? (
        <div className="jmo-compare-pair">
          <ParallelCoordinates {...shared} />
          <Scatter {...shared} />
        </div>
      ) : null}
      <h3 className="jmo-heading">{t('Metrics')}</h3>
      <ChartGrid runs={ids} nameOf={nameOf} linked={linked} />
    </div>
  );
}

/** What their sweep selects by, when all runs are iterations of one. */
function useSweep({ runs }: IComparison): string | null {
  const parent =
    runs.length > 1 && runs.every(run => run.parent !== null && run.parent === runs[0].parent) ? runs[0].parent : null;
  const { value } = useAnswer('runs.get', parent === null ? null : { run: parent });
  return value?.sweep?.select ?? null;
}
