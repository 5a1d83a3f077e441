/** Quick filters and groups. What they filter is written into the query. */
import { Layers, ListFilter } from 'lucide-react';
import type { State } from '../../model/contract';
import type { Group } from '../../model/runs/groups';
import { filter, filtered, type FilterKind } from '../../model/runs/query';
import { useAnswer } from '../answers';
import { useT } from '../surroundings';
import { Button, stateWord, WithMenu, type IMenuItem } from '../ui';

const STATES: State[] = ['pending', 'running', 'completed', 'error', 'aborted', 'skipped', 'cached'];

interface IFiltersProps {
  query: string;
  onQuery(query: string): void;
  group: Group;
  onGroup(group: Group): void;
  /** As `key=value`. */
  tags: string[];
  /** Their keys, which may hold `=` themselves. */
  tagKeys: string[];
}

export function Filters({ query, onQuery, group, onGroup, tags, tagKeys }: IFiltersProps) {
  const t = useT();
  const changes = { stale: (event: { type: string; what?: string }) => event.type === 'changed' && event.what !== 'artifacts' };
  const functions = useAnswer('functions.list', {}, changes).value?.functions.map(({ name }) => name) ?? [];
  const workflows = useAnswer('workflows.list', {}, changes).value?.workflows.map(({ name }) => name) ?? [];
  const times: [string, string][] = [
    ['hour', t('Last hour')],
    ['day', t('Last 24 hours')],
    ['week', t('Last 7 days')],
    ['month', t('Last 30 days')]
  ];
  const ticks = (kind: FilterKind, names: string[], wordOf: (name: string) => string, single = false): IMenuItem[] => {
    const now = filtered(query, kind);
    const toggled = (name: string): string[] =>
      now.includes(name) ? now.filter(other => other !== name) : single ? [name] : [...now, name];
    return names.map(name => ({
      label: wordOf(name),
      checked: now.includes(name),
      run: () => onQuery(filter(query, kind, toggled(name)))
    }));
  };
  const same = (name: string): string => name;
  const keys = [...new Set([...tagKeys, ...(group.startsWith('tag:') ? [group.slice(4)] : [])])];
  const groups: [Group, string][] = [
    ['tree', t('Under their parent')],
    ['none', t('Not grouped')],
    ['function', t('Function')],
    ['workflow', t('Workflow')],
    ['state', t('State')],
    ...keys.map((key): [Group, string] => [`tag:${key}`, t('Tag %1', key)])
  ];
  const offered: [FilterKind, string, IMenuItem[]][] = [
    ['state', t('State'), ticks('state', STATES, name => stateWord(name as State, t))],
    ['function', t('Function'), ticks('function', functions, same)],
    ['workflow', t('Workflow'), ticks('workflow', workflows, same)],
    ['tag', t('Tag'), ticks('tag', tags, same)],
    [
      'time',
      t('Time'),
      ticks(
        'time',
        times.map(([name]) => name),
        name => times.find(([key]) => key === name)?.[1] ?? name,
        true
      )
    ]
  ];
  return (
    <div className="jmo-runs-filters" role="group" aria-label={t('Filters')}>
      <ListFilter size={13} aria-hidden />
      {offered.map(([kind, label, items]) =>
        items.length === 0 ? null : (
          <WithMenu key={kind} items={items} label={label} align="left">
            {button => (
              <Button aria-pressed={filtered(query, kind).length > 0} {...button}>
                {label}
                {filtered(query, kind).length > 0 ? <span className="jmo-count">{filtered(query, kind).length}</span> : null}
              </Button>
            )}
          </WithMenu>
        )
      )}
      <span className="jmo-divider" />
      <WithMenu
        label={t('Group by')}
        align="left"
        items={groups.map(([name, label]) => ({ label, checked: group === name, single: true, run: () => onGroup(name) }))}
      >
        {button => (
          <Button icon={Layers} aria-pressed={group !== 'tree'} {...button}>
            {group === 'tree'
              ? t('Group')
              : group === 'none'
                ? t('Not grouped')
                : t('By %1', groups.find(([name]) => name === group)?.[1].toLowerCase() ?? group)}
          </Button>
        )}
      </WithMenu>
    </div>
  );
}
