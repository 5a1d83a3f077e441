/** All runs of the project: searched, sorted, chosen, compared. */
import { GitCompareArrows, Table2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { everyColumn, usualColumns } from '../../model/runs/columns';
import { useHost, useT } from '../surroundings';
import { Button, Empty, Loading, Problem, SearchField } from '../ui';
import { RunsTable } from './RunsTable';
import { useRunList } from './useRuns';

export function RunsScreen({ query: first = '' }: { query?: string }) {
  const t = useT();
  const host = useHost();
  const [query, setQuery] = useState(first);
  const [sort, setSort] = useState({ by: 'created', descending: true });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const list = useRunList({ query, sort: sort.by, descending: sort.descending, parent: query ? undefined : null });
  const every = useMemo(() => everyColumn(list.columns), [list.columns]);
  const ids = usualColumns(every, list.known());
  const columns = ids.map(id => every.find(column => column.id === id)!);

  const choose = (run: string, on: boolean): void => {
    const next = new Set(chosen);
    next[on ? 'add' : 'delete'](run);
    setChosen(next);
  };
  return (
    <section className="jmo-runs" aria-label={t('Runs')}>
      <div className="jmo-bar">
        <Table2 size={14} aria-hidden />
        <h2 className="jmo-title">{t('Runs')}</h2>
        <span className="jmo-tag jmo-num">{list.total ?? ''}</span>
        <SearchField value={query} onChange={setQuery} label={t('Search, or accuracy > 0.9')} className="jmo-runs-query" />
        <span className="jmo-spacer" />
        <Button
          icon={GitCompareArrows}
          disabled={chosen.size < 2 || chosen.size > 20}
          onClick={() => host.openComparison([...chosen])}
        >
          {t('Compare')}
          {chosen.size ? <span className="jmo-count">{chosen.size}</span> : null}
        </Button>
      </div>
      {list.error ? <Problem error={list.error} retry={() => void list.refresh()} /> : null}
      {list.total === null && !list.error ? <Loading /> : null}
      {list.total === 0 ? (
        <Empty
          title={query ? t('No run fits') : t('No runs yet')}
          actions={query ? <Button onClick={() => setQuery('')}>{t('Clear the query')}</Button> : undefined}
        />
      ) : null}
      {list.total ? (
        <RunsTable
          list={list}
          columns={columns}
          sort={sort}
          onSort={by => setSort({ by, descending: sort.by === by ? !sort.descending : true })}
          chosen={chosen}
          onChoose={choose}
          onOpen={host.openRun}
        />
      ) : null}
    </section>
  );
}
