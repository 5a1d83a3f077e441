/** What a query may be, with examples made of the project's own columns. */
import type { IRunColumns } from '../../model/contract';
import { named, OWN_COLUMNS } from '../../model/runs/query';
import { useT } from '../surroundings';

export function QueryHelp({ columns, onTake }: { columns: IRunColumns; onTake(query: string): void }) {
  const t = useT();
  const result = named(columns.results[0] ?? 'accuracy');
  const param = named(columns.params[0] ?? 'max_depth');
  const examples: [string, string][] = [
    ['train', t('runs with this word in name, Function, workflow, state or tag')],
    [`${result} > 0.9`, t('a result')],
    [`${param} IN (4, 8) AND state = 'completed'`, t('a param and a state')],
    ["state = 'error' AND reason ILIKE '%memory%'", t('why it failed')],
    ["created > (now() AT TIME ZONE 'UTC') - INTERVAL 1 DAY", t('the last day')],
    ["id IN (SELECT run FROM tags WHERE key = 'stage')", t('a tag')]
  ];
  const groups: [string, string[]][] = [
    [t('Results'), columns.results],
    [t('Params'), columns.params],
    [t('About the run'), OWN_COLUMNS]
  ];
  return (
    <>
      <p>{t('Type words, or a condition as SQL has it. Times are in UTC.')}</p>
      <ul className="jmo-runs-examples">
        {examples.map(([query, meaning]) => (
          <li key={query}>
            <button type="button" className="jmo-link jmo-mono" onClick={() => onTake(query)}>
              {query}
            </button>
            <span className="jmo-muted">{meaning}</span>
          </li>
        ))}
      </ul>
      {groups.map(([title, keys]) =>
        keys.length === 0 ? null : (
          <div key={title}>
            <h3 className="jmo-heading">{title}</h3>
            <p className="jmo-mono jmo-runs-keys">{keys.map(named).join('  ')}</p>
          </div>
        )
      )}
    </>
  );
}
