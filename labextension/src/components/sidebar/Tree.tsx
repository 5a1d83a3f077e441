/** The tree of a project: drawn where it's seen, walked by keyboard, with a menu for each row. */
import { useId, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { isFinished } from '../../model/format';
import { rows, type INode } from '../../model/tree/nodes';
import { typeAhead, walk, type Move } from '../../model/tree/walk';
import { useNow } from '../answers';
import { useT } from '../surroundings';
import { actionsOf } from './actions';
import type { ITree } from './data';
import { Row } from './Row';
import { quickOf, RowMenu } from './RowMenu';
import { useDrag } from './useDrag';
import { useTyped, useWindow } from './useWindow';
import type { IWorkbench } from './workbench';

interface ITreeProps {
  tree: ITree;
  query: string;
  bench: IWorkbench;
  isExpanded(id: string): boolean;
  expand(id: string, expanded: boolean): void;
}

export function Tree({ tree, query, bench, isExpanded, expand }: ITreeProps) {
  const t = useT();
  const base = useId();
  const nodes = useMemo(() => rows(tree, isExpanded, query), [tree, isExpanded, query]);
  const [active, setActive] = useState<string | null>(null);
  const [menu, setMenu] = useState<{ node: INode; x: number; y: number } | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const { from, to, before, after, reveal } = useWindow(nodes, box);
  const someGoOn = nodes.some(({ item }) => item.type === 'run' && !isFinished(item.run.state));
  const now = useNow(true, someGoOn ? 1000 : 30000);
  const typed = useTyped();
  const dragging = useDrag(event => nodeAt(event, nodes));

  const open = (node: INode) => {
    const { item } = node;
    if (item.type === 'section' || item.type === 'kind') {
      expand(node.id, !node.expanded);
    } else {
      openItem(node, bench, tree);
    }
  };
  const act = (move: Move) => {
    const node = nodes.find(({ id }) => id === move.id);
    if (!node) {
      return;
    }
    if (move.type === 'focus') {
      setActive(move.id);
      reveal(move.id);
    } else if (move.type === 'open') {
      open(node);
    } else {
      expand(node.id, move.type === 'expand');
    }
  };
  const showMenu = (id: string | null, x: number, y: number) => {
    const node = nodes.find(each => each.id === id);
    if (node && actionsOf(node.item, bench).length > 0) {
      setActive(node.id);
      setMenu({ node, x, y });
    }
  };
  const menuAtActive = () => {
    const row = box.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(active ?? '')}"]`);
    const { left = 0, bottom = 0 } = row?.getBoundingClientRect() ?? {};
    showMenu(active, left + 24, bottom);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      event.preventDefault();
      menuAtActive();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const move = walk(nodes, active, event.key);
    const ahead = move === null && event.key.length === 1 ? typeAhead(nodes, active, typed(event.key)) : null;
    if (move ?? ahead) {
      event.preventDefault();
      event.stopPropagation();
      act(move ?? { type: 'focus', id: ahead! });
    }
  };
  const onClick = (event: MouseEvent) => {
    const node = nodeAt(event, nodes);
    if (node) {
      setActive(node.id);
      const onChevron = (event.target as Element).closest('.jmo-row-chevron') !== null;
      if (onChevron && node.expanded !== null) {
        expand(node.id, !node.expanded);
      } else {
        open(node);
      }
    }
  };
  const activeAt = nodes.findIndex(({ id }) => id === active);
  return (
    <>
      <div
        ref={box}
        className="jmo-tree"
        role="tree"
        aria-label={t('The project')}
        tabIndex={0}
        aria-activedescendant={activeAt >= from && activeAt < to ? `${base}-${activeAt}` : undefined}
        onKeyDown={onKeyDown}
        onFocus={() => activeAt < 0 && nodes.length > 0 && setActive(nodes[0].id)}
        onClick={onClick}
        {...dragging}
        onContextMenu={event => {
          event.preventDefault();
          event.stopPropagation();
          showMenu(nodeAt(event, nodes)?.id ?? null, event.clientX, event.clientY);
        }}
      >
        <div style={{ height: before }} />
        {nodes.slice(from, to).map((node, index) => (
          <Row
            key={node.id}
            node={node}
            elementId={`${base}-${from + index}`}
            active={node.id === active}
            now={node.item.type === 'run' ? now : 0}
            quick={quickOf(node, bench)}
          />
        ))}
        <div style={{ height: after }} />
      </div>
      {menu ? <RowMenu {...menu} bench={bench} onClose={() => setMenu(null)} /> : null}
    </>
  );
}

const nodeAt = (event: MouseEvent, nodes: INode[]): INode | undefined => {
  const id = (event.target as Element).closest<HTMLElement>('[data-node]')?.dataset.node;
  return nodes.find(node => node.id === id);
};

function openItem({ item }: INode, { host, place }: IWorkbench, tree: ITree): void {
  switch (item.type) {
    case 'workflow':
      return host.openWorkflow(item.workflow.name);
    case 'function':
      return host.openForm(item.function.name);
    case 'run':
      return host.openRun(item.run.id);
    case 'artifact':
      return host.openArtifact(item.group.latest.uid);
    case 'version':
      return host.openArtifact(item.artifact.uid);
    case 'more':
      return tree.more(item.of);
    case 'problem':
      return tree.refresh();
    case 'note':
      return item.why === 'nothing' && item.section === 'functions' ? place.makeFunction() : undefined;
  }
}
