/** Beside or below the table: what the chosen runs have in common, drawn. */
import { useMemo } from 'react';
import type { IRunRow } from '../../model/contract';
import { ComparePanel } from '../compare';
import { useT } from '../surroundings';

const MOST = 20;

export function Chosen({ rows }: { rows: IRunRow[] }) {
  const t = useT();
  const names = useMemo(() => new Map(rows.map(row => [row.id, row.name])), [rows]);
  const ids = rows
    .slice(0, MOST)
    .map(row => row.id)
    .join('\n');
  const runs = useMemo(() => ids.split('\n'), [ids]);
  return (
    <aside className="jmo-runs-chosen" aria-label={t('The chosen runs')}>
      {rows.length > MOST ? <p className="jmo-muted jmo-runs-note">{t('The first %1 of %2 runs', MOST, rows.length)}</p> : null}
      <ComparePanel runs={runs} names={names} />
    </aside>
  );
}
