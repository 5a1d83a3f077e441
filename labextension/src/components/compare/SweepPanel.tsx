import { Trophy } from 'lucide-react';
import { useMemo, useState } from 'react';
import { bestOf, direction, selection, type Direction } from '../../model/charts/best';
import type { IPlotted } from '../../model/charts/dimensions';
import type { IStepLine } from '../../model/contract';
import { duration, shown } from '../../model/format';
import { useAnswer } from '../answers';
import { Linked, useLinked } from '../charts';
import { useHost, useT } from '../surroundings';
import { Empty, Loading, Problem, StateIcon } from '../ui';
import { ParallelCoordinates } from './ParallelCoordinates';
import { Scatter } from './Scatter';

/** A sweep: its iterations as parallel coordinates and points, coloured by what it selects by, and ranked. */
export function SweepPanel({ run }: { run: string }) {
  const t = useT();
  const host = useHost();
  const linked = useMemo(() => new Linked(), []);
  const { value, error, refresh } = useAnswer(
    'runs.get',
    { run },
    {
      stale: event => (event.type === 'step' && event.run === run) || (event.type === 'run' && event.run.id === run),
      wait: 500
    }
  );
  const steps = useMemo(() => value?.steps ?? [], [value]);
  const select = value?.sweep?.select ?? null;
  const wanted = select === null ? null : selection(select);
  const [chosen, setColorBy] = useState<string | null | undefined>(undefined);
  const plotted = useMemo(() => steps.flatMap(asIteration), [steps]);
  if (error && !value) {
    return <Problem error={error} retry={refresh} />;
  }
  if (!value) {
    return <Loading />;
  }
  if (!plotted.length) {
    return <Empty title={t('No iteration yet')}>{t('They appear here as soon as they begin.')}</Empty>;
  }
  const colorBy = chosen === undefined ? (wanted ? `results.${wanted.key}` : null) : chosen;
  const shared = { runs: plotted, colorOf: () => 'var(--jmo-accent)', linked, colorBy, setColorBy, onPress: host.openRun };
  return (
    <div className="jmo-sweep-panel">
      {plotted.length > 1 ? (
        <div className="jmo-compare-pair">
          <ParallelCoordinates {...shared} />
          <Scatter {...shared} />
        </div>
      ) : null}
      <Ranking steps={steps} params={value.sweep?.params ?? []} wanted={wanted} linked={linked} />
    </div>
  );
}

function asIteration(step: IStepLine): IPlotted[] {
  return step.run === null ? [] : [{ id: step.run, name: `#${step.name}`, params: step.params, results: step.results }];
}

interface IRankingProps {
  steps: readonly IStepLine[];
  params: readonly string[];
  wanted: { key: string; direction: Direction } | null;
  linked: Linked;
}

/** The iterations, the best first; without a selection in their order. */
function Ranking({ steps, params, wanted, linked }: IRankingProps) {
  const t = useT();
  const host = useHost();
  const pointed = useLinked(linked, 'run', () => linked.run);
  const keys = [...new Set(steps.flatMap(step => Object.keys(step.results)))];
  const results = wanted ? [wanted.key, ...keys.filter(key => key !== wanted.key)] : keys;
  const ranked = wanted ? [...steps].sort((a, b) => standing(a, wanted) - standing(b, wanted)) : steps;
  const best = new Map(
    results.map(key => [
      key,
      bestOf(
        ranked.map(step => step.results[key] ?? null),
        direction(key, wanted ? `${wanted.direction}:${wanted.key}` : null)
      )
    ])
  );
  return (
    <section className="jmo-diff jmo-chart" aria-label={t('Iterations')}>
      <header>
        <h3>{t('Iterations')}</h3>
        <span className="jmo-chart-axis">
          {wanted ? (wanted.direction === 'max' ? t('highest %1 first', wanted.key) : t('lowest %1 first', wanted.key)) : null}
        </span>
      </header>
      <div className="jmo-diff-scroll" tabIndex={0} role="region" aria-label={t('Table of iterations')}>
        <table>
          <thead>
            <tr>
              {[t('Iteration'), ...results, ...params, t('Duration')].map((word, at) => (
                <th key={at} scope="col">
                  {word}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ranked.map((step, at) => (
              <tr
                key={step.name}
                className={step.run !== null && step.run === pointed ? 'jmo-on' : ''}
                onPointerEnter={() => linked.point(step.run)}
                onPointerLeave={() => linked.point(null)}
              >
                <th scope="row">
                  <StateIcon state={step.state} size={10} />
                  <button
                    type="button"
                    className="jmo-link"
                    disabled={step.run === null}
                    onClick={() => step.run && host.openRun(step.run)}
                  >
                    #{step.name}
                  </button>
                  {step.best ? <Trophy size={12} role="img" aria-label={t('best')} className="jmo-trophy" /> : null}
                </th>
                {results.map(key => (
                  <td key={key} className={best.get(key)?.includes(at) ? 'jmo-best' : ''}>
                    <span>{shown(step.results[key])}</span>
                  </td>
                ))}
                {params.map(key => (
                  <td key={key}>{shown(step.params[key])}</td>
                ))}
                <td>{duration(step.seconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Smaller is better; without a number last. */
function standing(step: IStepLine, { key, direction: way }: { key: string; direction: Direction }): number {
  const value = step.results[key];
  return typeof value === 'number' ? (way === 'max' ? -value : value) : Infinity;
}
