/** All artifacts of the project, each key once: narrowed by kind and words. */
import { useState } from 'react';
import { countKinds, fits, KINDS, sortGroups, type GroupOrder } from '../../model/artifacts/groups';
import type { Kind } from '../../model/contract';
import { useAnswer } from '../answers';
import { useT } from '../surroundings';
import { Empty, KindGlyph, Loading, Problem, SearchField } from '../ui';
import { GroupTable } from './GroupTable';
import { kindWord } from './words';

export function ArtifactsScreen() {
  const t = useT();
  const [query, setQuery] = useState('');
  const [kind, setKind] = useState<Kind | null>(null);
  const [order, setOrder] = useState<{ by: GroupOrder; descending: boolean }>({ by: 'created', descending: true });
  const { value, error, refresh } = useAnswer(
    'artifacts.list',
    {},
    { stale: event => event.type === 'changed' && event.what === 'artifacts' }
  );
  const all = value?.groups ?? [];
  const found = all.filter(group => fits(group, query));
  const counts = countKinds(found);
  const shown = sortGroups(
    found.filter(group => kind === null || group.kind === kind),
    order.by,
    order.descending
  );
  return (
    <div className="jmo-artifacts">
      <div className="jmo-bar">
        <KindGlyph kind="dataset" size={14} />
        <h2 className="jmo-title">{t('Artifacts')}</h2>
        {value ? <span className="jmo-tag jmo-num">{all.length}</span> : null}
        <SearchField value={query} onChange={setQuery} label={t('Search artifacts')} className="jmo-artifacts-search" />
        <KindFilter counts={counts} value={kind} onChange={setKind} total={found.length} />
      </div>
      {error ? <Problem error={error} retry={refresh} /> : null}
      {value === null ? (
        error ? null : (
          <Loading />
        )
      ) : all.length === 0 ? (
        <Empty title={t('No artifacts yet')}>
          {t('Run a Function that returns a table, a model or a plot: what it returns is kept here, with every version.')}
        </Empty>
      ) : shown.length === 0 ? (
        <Empty
          title={t('Nothing found')}
          actions={
            <button type="button" className="jmo-link" onClick={() => (setQuery(''), setKind(null))}>
              {t('Show all artifacts')}
            </button>
          }
        />
      ) : (
        <GroupTable groups={shown} order={order} onOrder={setOrder} />
      )}
    </div>
  );
}

function KindFilter(props: { counts: Map<Kind, number>; value: Kind | null; onChange(kind: Kind | null): void; total: number }) {
  const t = useT();
  const kinds = KINDS.filter(kind => props.counts.has(kind) || kind === props.value);
  return (
    <div className="jmo-kind-filter" role="group" aria-label={t('Kind')}>
      <button type="button" aria-pressed={props.value === null} onClick={() => props.onChange(null)}>
        {t('All')} <span className="jmo-num jmo-muted">{props.total}</span>
      </button>
      {kinds.map(kind => (
        <button
          key={kind}
          type="button"
          className={`jmo-kind-${kind}`}
          aria-pressed={props.value === kind}
          onClick={() => props.onChange(props.value === kind ? null : kind)}
        >
          <KindGlyph kind={kind} size={12} />
          {kindWord(kind, t)} <span className="jmo-num jmo-muted">{props.counts.get(kind) ?? 0}</span>
        </button>
      ))}
    </div>
  );
}
