import { useMemo } from 'react';
import { arranged, bestOf, direction } from '../../model/charts/best';
import type { IComparison, Json } from '../../model/contract';
import { ago, bytes, date, duration, shown } from '../../model/format';
import { Swatch, useLinked, type IRunColor, type Linked } from '../charts';
import { useT } from '../surroundings';
import { Button, Empty } from '../ui';

interface IDiffTableProps {
  comparison: IComparison;
  nameOf(run: string): string;
  colorOf(run: string): IRunColor;
  linked: Linked;
  /** Of their sweep, to know what is best. */
  select: string | null;
  only: boolean;
  setOnly(only: boolean): void;
  onOpen(run: string): void;
}

type Row = IComparison['rows'][number];

/** Results, params and facts of the runs, one column each; what differs comes first, the best is marked. */
export function DiffTable(props: IDiffTableProps) {
  const { comparison, linked, select, only, setOnly } = props;
  const t = useT();
  const rows = useMemo(() => arranged(comparison.rows, only), [comparison, only]);
  const same = comparison.rows.filter(row => !row.differs).length;
  const words = { results: t('Results'), params: t('Params'), about: t('About') };
  const one = comparison.runs.length < 2;
  return (
    <section className="jmo-diff jmo-chart" aria-label={t('Differences')}>
      <header>
        <h3>{one ? t('Values') : t('Differences')}</h3>
        <span className="jmo-spacer" />
        {one ? null : (
          <Button aria-pressed={only} onClick={() => setOnly(!only)} title={t('%1 rows are the same in all runs', same)}>
            {t('Only differences')}
          </Button>
        )}
      </header>
      {rows.length ? (
        <div className="jmo-diff-scroll" tabIndex={0} role="region" aria-label={t('Table of differences')}>
          <table>
            <thead>
              <tr>
                <th scope="col">
                  <span className="jmo-sr">{t('Name')}</span>
                </th>
                {comparison.runs.map(run => (
                  <Head key={run.id} run={run.id} {...props} />
                ))}
              </tr>
            </thead>
            {(['results', 'params', 'about'] as const).map(section => {
              const lines = rows.filter(row => row.section === section);
              return lines.length ? (
                <tbody key={section}>
                  <tr className="jmo-diff-section">
                    <th scope="rowgroup" colSpan={comparison.runs.length + 1}>
                      {words[section]}
                    </th>
                  </tr>
                  {lines.map(row => (
                    <Line key={row.key} row={row} runs={comparison.runs.map(({ id }) => id)} linked={linked} select={select} />
                  ))}
                </tbody>
              ) : null;
            })}
          </table>
        </div>
      ) : (
        <Empty
          title={t('Nothing differs')}
          actions={<Button onClick={() => setOnly(false)}>{t('Show all %1 rows', same)}</Button>}
        />
      )}
    </section>
  );
}

function Head({ run, nameOf, colorOf, linked, onOpen }: IDiffTableProps & { run: string }) {
  const pointed = useLinked(linked, 'run', () => linked.run) === run;
  return (
    <th
      scope="col"
      className={pointed ? 'jmo-on' : ''}
      onPointerEnter={() => linked.point(run)}
      onPointerLeave={() => linked.point(null)}
    >
      <button type="button" className="jmo-diff-run" title={nameOf(run)} onClick={() => onOpen(run)}>
        <Swatch {...colorOf(run)} />
        <span className="jmo-clip">{nameOf(run)}</span>
      </button>
    </th>
  );
}

function Line({ row, runs, linked, select }: { row: Row; runs: string[]; linked: Linked; select: string | null }) {
  const t = useT();
  const pointed = useLinked(linked, 'run', () => linked.run);
  const best = row.section === 'results' ? bestOf(row.values, direction(row.key, select)) : [];
  const usual = mostCommon(row.values);
  return (
    <tr className={row.differs ? '' : 'jmo-same'}>
      <th scope="row" title={row.key}>
        {row.key}
      </th>
      {row.values.map((value, at) => (
        <td
          key={runs[at]}
          className={[
            runs[at] === pointed ? 'jmo-on' : '',
            best.includes(at) ? 'jmo-best' : '',
            row.section === 'params' && usual !== null && JSON.stringify(value) !== usual ? 'jmo-other' : ''
          ].join(' ')}
          title={row.key === 'created' && typeof value === 'number' ? date(value) : typeof value === 'string' ? value : undefined}
          onPointerEnter={() => linked.point(runs[at])}
          onPointerLeave={() => linked.point(null)}
        >
          <span>{said(row, value)}</span>
          {best.includes(at) ? <span className="jmo-sr">{t('best')}</span> : null}
        </td>
      ))}
    </tr>
  );
}

/** What more than half of the runs have, as JSON; null when nothing is. */
function mostCommon(values: readonly (Json | null)[]): string | null {
  const counts = new Map<string, number>();
  values.forEach(value => counts.set(JSON.stringify(value), (counts.get(JSON.stringify(value)) ?? 0) + 1));
  const [value, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  return count * 2 > values.length ? value : null;
}

/** Facts have units; params and results are as they are. */
function said({ section, key }: Row, value: Json | null): string {
  if (section === 'about' && typeof value === 'number') {
    const units: Record<string, (value: number) => string> = {
      created: time => ago(time),
      duration,
      memory: bytes,
      cpu: duration
    };
    return (units[key] ?? shown)(value);
  }
  return section === 'about' && ['version', 'git commit'].includes(key) && typeof value === 'string'
    ? value.slice(0, 10)
    : shown(value);
}
