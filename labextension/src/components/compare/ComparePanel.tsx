import { useMemo, useState } from 'react';
import { asPlotted } from '../../model/charts/dimensions';
import type { IRunRow } from '../../model/contract';
import { shortId } from '../../model/format';
import { ChartGrid, Linked, useRunColors } from '../charts';
import { useHost, useT } from '../surroundings';
import { Empty, Loading, Problem } from '../ui';
import { distinctNames } from './names';
import { ParallelCoordinates } from './ParallelCoordinates';
import { useComparison } from './useComparison';

export interface IComparePanelProps {
  runs: readonly string[];
  /** Other runs, drawn in grey behind them, e.g. the rest of the table. */
  others?: readonly IRunRow[];
  /** Shared with the table, so that pointing at a row shows its curves. */
  linked?: Linked;
}

/** Charts and parallel coordinates of some runs, small: beside the table of runs. */
export function ComparePanel({ runs, others, linked: given }: IComparePanelProps) {
  const t = useT();
  const host = useHost();
  const own = useMemo(() => new Linked(), []);
  const linked = given ?? own;
  const colors = useRunColors(runs);
  const { value, error, loading, refresh } = useComparison(runs);
  const [colorBy, setColorBy] = useState<string | null>(null);
  const names = useMemo(() => distinctNames(value?.runs ?? []), [value]);
  const nameOf = useMemo(() => (run: string) => names.get(run) ?? shortId(run), [names]);
  const chosen = useMemo(() => (value?.runs ?? []).map(run => ({ ...asPlotted(run), name: nameOf(run.id) })), [value, nameOf]);
  const plotted = useMemo(() => {
    const rest = (others ?? []).filter(run => !chosen.some(({ id }) => id === run.id)).slice(0, 200);
    return [...rest.map(asPlotted), ...chosen];
  }, [others, chosen]);
  const colorOf = useMemo(
    () => (run: string) => (runs.includes(run) ? colors(run).color : 'var(--jmo-border-strong)'),
    [runs, colors]
  );
  if (error && !value) {
    return <Problem error={error} retry={refresh} />;
  }
  if (!value) {
    return loading ? <Loading /> : <Empty title={t('No run is chosen')}>{t('Tick runs in the table to see them here.')}</Empty>;
  }
  return (
    <div className="jmo-compare-panel">
      <ChartGrid runs={value.runs.map(({ id }) => id)} nameOf={nameOf} linked={linked} compact />
      {plotted.length > 1 ? (
        <ParallelCoordinates {...{ runs: plotted, colorOf, linked, colorBy, setColorBy, onPress: host.openRun }} height={180} />
      ) : null}
    </div>
  );
}
