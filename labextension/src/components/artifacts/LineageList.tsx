/** Lineage as text, from the first causes on: each with what it came from and what came from it. */
import type { IShownLineage, ShownNode } from '../../model/artifacts/bundles';
import { inOrder, links, type ILink } from '../../model/artifacts/lineage';
import { useHost, useT } from '../surroundings';
import { KindIcon, StateIcon } from '../ui';

type Unfold = (id: string) => void;

export function LineageList({ graph, onUnfold }: { graph: IShownLineage; onUnfold: Unfold }) {
  const t = useT();
  return (
    <ol className="jmo-lineage-list">
      {inOrder(graph).map(node => {
        const { from, to } = links(graph, node.id);
        return (
          <li key={node.id} aria-current={node.focus ? 'true' : undefined}>
            <span className="jmo-lineage-name">
              <KindIcon kind={node.type === 'artifact' ? (node.kind ?? 'file') : node.type} small />
              <NodeName node={node} onUnfold={onUnfold} />
              {node.state ? <StateIcon state={node.state} size={11} /> : null}
            </span>
            <Linked label={t('from')} links={from} onUnfold={onUnfold} />
            <Linked label={t('to')} links={to} onUnfold={onUnfold} />
          </li>
        );
      })}
    </ol>
  );
}

function Linked({ label, links, onUnfold }: { label: string; links: ILink[]; onUnfold: Unfold }) {
  return links.length === 0 ? null : (
    <span className="jmo-lineage-links">
      <span className="jmo-muted">{label}</span>
      {links.map(link => (
        <span key={link.node.id}>
          <NodeName node={link.node} onUnfold={onUnfold} />
          {names(link) ? <span className="jmo-muted"> ({names(link)})</span> : null}
        </span>
      ))}
    </span>
  );
}

/** The inputs that link two nodes, where they are called something else. */
const names = (link: ILink): string => link.as.filter(name => name && name !== link.node.name).join(', ');

/** A source from outside the project can't be opened: it stays text. */
function NodeName({ node, onUnfold }: { node: ShownNode; onUnfold: Unfold }) {
  const t = useT();
  const host = useHost();
  if (node.type === 'source') {
    return <span className="jmo-mono">{node.name}</span>;
  }
  if (node.many) {
    return (
      <button type="button" className="jmo-link" title={t('Show them one by one')} onClick={() => onUnfold(node.id)}>
        {node.name} × {node.many}
      </button>
    );
  }
  return (
    <button
      type="button"
      className="jmo-link"
      onClick={() => (node.type === 'run' ? host.openRun(node.id) : host.openArtifact(node.id))}
    >
      {node.name}
    </button>
  );
}
