/** Keys with their newest version, as a table that arrow keys walk. */
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import type { GroupOrder } from '../../model/artifacts/groups';
import type { IArtifactGroup } from '../../model/contract';
import { ago, bytes, date, shortId } from '../../model/format';
import { useNow } from '../answers';
import { useHost, useT } from '../surroundings';
import { KindIcon } from '../ui';
import { shortType } from './words';

export interface IGroupOrder {
  by: GroupOrder;
  descending: boolean;
}

export function GroupTable(props: { groups: IArtifactGroup[]; order: IGroupOrder; onOrder(order: IGroupOrder): void }) {
  const t = useT();
  const now = useNow(true, 30000);
  const head = { order: props.order, onOrder: props.onOrder };
  return (
    <div className="jmo-artifacts-scroll" onKeyDown={walk}>
      <table className="jmo-artifacts-table">
        <thead>
          <tr>
            <Head {...head} by="key" label={t('Artifact')} />
            <th scope="col">{t('Type')}</th>
            <Head {...head} by="versions" label={t('Versions')} right />
            <Head {...head} by="size" label={t('Size')} right />
            <th scope="col">{t('Made by')}</th>
            <Head {...head} by="created" label={t('Newest')} right />
          </tr>
        </thead>
        <tbody>
          {props.groups.map(group => (
            <Row key={group.key} group={group} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Head(props: { by: GroupOrder; label: string; order: IGroupOrder; onOrder(order: IGroupOrder): void; right?: boolean }) {
  const sorted = props.order.by === props.by;
  const Arrow = props.order.descending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      className={props.right ? 'jmo-right' : undefined}
      aria-sort={sorted ? (props.order.descending ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        onClick={() => props.onOrder({ by: props.by, descending: sorted ? !props.order.descending : props.by !== 'key' })}
      >
        {props.label}
        {sorted ? <Arrow size={11} aria-hidden /> : null}
      </button>
    </th>
  );
}

function Row({ group, now }: { group: IArtifactGroup; now: number }) {
  const t = useT();
  const host = useHost();
  const { latest } = group;
  const { run } = latest;
  return (
    <tr onClick={() => host.openArtifact(latest.uid)}>
      <td>
        <div className="jmo-artifact-name">
          <KindIcon kind={group.kind} small />
          <button
            type="button"
            className="jmo-row-name jmo-clip"
            title={group.key}
            onClick={event => (event.stopPropagation(), host.openArtifact(latest.uid))}
          >
            {group.key}
          </button>
          {group.tags
            .filter(tag => tag !== 'latest')
            .map(tag => (
              <span key={tag} className="jmo-tag">
                {tag}
              </span>
            ))}
        </div>
      </td>
      <td className="jmo-mono jmo-muted jmo-clip" title={latest.type}>
        {shortType(latest.type)}
      </td>
      <td className="jmo-right jmo-num">{group.versions}</td>
      <td className="jmo-right jmo-num">{bytes(latest.size)}</td>
      <td className="jmo-clip">
        {run === null ? (
          <span className="jmo-muted">{t('Logged by hand')}</span>
        ) : (
          <button type="button" className="jmo-link" title={run} onClick={event => (event.stopPropagation(), host.openRun(run))}>
            {latest.function ?? shortId(run)}
          </button>
        )}
      </td>
      <td className="jmo-right jmo-muted jmo-num" title={date(latest.created)}>
        {ago(latest.created, now)}
      </td>
    </tr>
  );
}

/** Up and down walk from name to name. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const names = [...event.currentTarget.querySelectorAll<HTMLElement>('.jmo-row-name')];
  const row = (event.target as HTMLElement).closest('tr');
  const at = names.findIndex(name => row?.contains(name));
  const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: Math.max(0, at - 1), Home: 0, End: names.length - 1 };
  if (event.key in to) {
    event.preventDefault();
    names[Math.min(to[event.key], names.length - 1)]?.focus();
  }
}
