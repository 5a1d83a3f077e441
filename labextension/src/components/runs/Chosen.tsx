/** Beside or below the table: what the chosen runs have in common, drawn; the other runs grey behind them. */
import { useMemo } from 'react';
import type { IRunRow } from '../../model/contract';
import type { Linked } from '../charts';
import { ComparePanel } from '../compare';
import { useT } from '../surroundings';

const MOST = 20;

export function Chosen({ rows, others, linked }: { rows: IRunRow[]; others: IRunRow[]; linked: Linked }) {
  const t = useT();
  const ids = rows
    .slice(0, MOST)
    .map(row => row.id)
    .join('\n');
  const runs = useMemo(() => ids.split('\n'), [ids]);
  return (
    <aside className="jmo-runs-chosen" aria-label={t('The chosen runs')}>
      {rows.length > MOST ? <p className="jmo-muted jmo-runs-note">{t('The first %1 of %2 runs', MOST, rows.length)}</p> : null}
      <ComparePanel runs={runs} others={others} linked={linked} />
    </aside>
  );
}
