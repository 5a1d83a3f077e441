/** Lineage as a graph from left to right. Arrow keys walk along its edges, Enter opens, Plus shows what lies beyond. */
import { Maximize, Plus, ZoomIn, ZoomOut } from 'lucide-react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { layOut, NODE, way, type ILayout } from '../../model/artifacts/layout';
import type { IShownLineage, ShownNode } from '../../model/artifacts/bundles';
import { edgeKey, neighbour, related, type LineageNode } from '../../model/artifacts/lineage';
import type { ILineage } from '../../model/contract';
import { useHost, useT } from '../surroundings';
import { IconButton, KindIcon, StateIcon } from '../ui';

interface IProps {
  graph: IShownLineage;
  /** Show one by one what a node stands for. */
  onUnfold(id: string): void;
  onExpand(node: LineageNode): Promise<void>;
}

export function LineageGraph({ graph, onExpand, onUnfold }: IProps) {
  const t = useT();
  const layout = useMemo(() => layOut(graph), [graph]);
  const scroller = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useZoom(scroller, layout);
  const focus = graph.nodes.find(node => node.focus)?.id ?? graph.nodes[0].id;
  const [current, setCurrent] = useState(focus);
  const [pointed, setPointed] = useState<string | null>(null);
  const at = layout.places.has(current) ? current : focus;
  const lit = useMemo(() => related(graph, pointed ?? focus), [graph, pointed, focus]);
  useShown(scroller, layout, focus, zoom);

  const walk = (event: KeyboardEvent) => {
    const next = neighbour(graph, layout.places, at, event.key);
    if (next !== null) {
      event.preventDefault();
      setCurrent(next);
      scroller.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
    } else if (event.key === '+') {
      const node = graph.nodes.find(({ id }) => id === at);
      event.preventDefault();
      void (node && node.type !== 'source' && (node.many ? onUnfold(node.id) : onExpand(node)));
    }
  };
  return (
    <div className="jmo-lineage-frame">
      <div ref={scroller} className="jmo-lineage-scroll" onKeyDown={walk}>
        <div style={{ width: layout.width * zoom, height: layout.height * zoom, margin: 'auto' }}>
          <div
            className="jmo-lineage-canvas"
            role="group"
            aria-label={t('Lineage graph: arrow keys walk, Enter opens, plus shows more')}
            style={{ width: layout.width, height: layout.height, transform: `scale(${zoom})` }}
          >
            <Edges graph={graph} layout={layout} lit={lit} />
            {graph.nodes.map(node => (
              <Node
                key={node.id}
                node={node}
                place={layout.places.get(node.id) ?? { x: 0, y: 0 }}
                dim={!lit.has(node.id)}
                reachable={node.id === at}
                onFocus={() => setCurrent(node.id)}
                onPoint={setPointed}
                onExpand={onExpand}
                onUnfold={onUnfold}
              />
            ))}
          </div>
        </div>
      </div>
      <div className="jmo-lineage-zoom" role="group" aria-label={t('Zoom')}>
        <IconButton icon={ZoomIn} label={t('Zoom in')} onClick={() => setZoom(Math.min(1.6, zoom * 1.2))} />
        <IconButton icon={ZoomOut} label={t('Zoom out')} onClick={() => setZoom(Math.max(0.2, zoom / 1.2))} />
        <IconButton icon={Maximize} label={t('Fit')} onClick={() => setZoom(fitting(scroller.current, layout))} />
      </div>
    </div>
  );
}

function fitting(node: HTMLElement | null, layout: ILayout): number {
  const width = node?.clientWidth ?? 0;
  const height = node?.clientHeight ?? 0;
  return width > 0 && height > 0 ? Math.max(0.6, Math.min(1, width / layout.width, height / layout.height)) : 1;
}

/** Fitted until somebody chose; a hidden tab has no size to fit to yet. */
function useZoom(scroller: React.RefObject<HTMLDivElement>, layout: ILayout): [number, (zoom: number) => void] {
  const [fit, setFit] = useState(1);
  const [chosen, setChosen] = useState<number | null>(null);
  useEffect(() => {
    const look = () => setFit(fitting(scroller.current, layout));
    look();
    const observer = new ResizeObserver(look);
    if (scroller.current) {
      observer.observe(scroller.current);
    }
    return () => observer.disconnect();
  }, [scroller, layout]);
  return [chosen ?? fit, setChosen];
}

/** Scroll so that the one asked about is in the middle, until somebody scrolls or walks; a graph that grows stays where it is. */
function useShown(scroller: React.RefObject<HTMLDivElement>, layout: ILayout, focus: string, zoom: number): void {
  const done = useRef(false);
  useEffect(() => {
    const node = scroller.current;
    const moved = () => (done.current = true);
    const moves = ['wheel', 'pointerdown', 'keydown'];
    moves.forEach(move => node?.addEventListener(move, moved, { passive: true }));
    return () => moves.forEach(move => node?.removeEventListener(move, moved));
  }, [scroller]);
  useLayoutEffect(() => {
    const node = scroller.current;
    const place = layout.places.get(focus);
    if (node && place && !done.current && node.clientWidth > 0) {
      node.scrollLeft = (place.x + NODE.width / 2) * zoom - node.clientWidth / 2;
      node.scrollTop = (place.y + NODE.height / 2) * zoom - node.clientHeight / 2;
    }
  }, [scroller, layout, focus, zoom]);
}

function Edges({ graph, layout, lit }: { graph: ILineage; layout: ILayout; lit: ReadonlySet<string> }) {
  return (
    <svg width={layout.width} height={layout.height} className="jmo-lineage-edges" aria-hidden>
      {graph.edges.map(edge => (
        <g key={edgeKey(edge)} className={lit.has(edge.source) && lit.has(edge.target) ? 'jmo-lit' : undefined}>
          <path d={way(layout, edge.source, edge.target)}>
            <title>{edge.name}</title>
          </path>
          <Tip place={layout.places.get(edge.target)} />
        </g>
      ))}
    </svg>
  );
}

/** The head of an arrow, drawn rather than a marker: ids of markers would collide between panels. */
function Tip({ place }: { place: { x: number; y: number } | undefined }) {
  if (!place) {
    return null;
  }
  const y = place.y + NODE.height / 2;
  return <polygon points={`${place.x - 1},${y} ${place.x - 8},${y - 4} ${place.x - 8},${y + 4}`} />;
}

interface INodeProps {
  node: ShownNode;
  place: { x: number; y: number };
  dim: boolean;
  reachable: boolean;
  onFocus(): void;
  onPoint(id: string | null): void;
  onExpand(node: LineageNode): Promise<void>;
  onUnfold(id: string): void;
}

function Node({ node, place, dim, reachable, onFocus, onPoint, onExpand, onUnfold }: INodeProps) {
  const t = useT();
  const host = useHost();
  const kind = node.type === 'artifact' ? (node.kind ?? 'file') : node.type;
  const open = () =>
    node.many
      ? onUnfold(node.id)
      : node.type === 'run'
        ? host.openRun(node.id)
        : node.type === 'artifact'
          ? host.openArtifact(node.id)
          : undefined;
  const what = node.type === 'run' ? t('Run') : node.type === 'source' ? t('Source') : (node.kind ?? '');
  const many = node.type === 'run' ? t('%1 runs', node.many ?? 0) : t('%1 artifacts', node.many ?? 0);
  return (
    <div
      className={`jmo-lineage-node jmo-is-${node.type}${node.focus ? ' jmo-focus' : ''}${node.many ? ' jmo-many' : ''}${dim ? ' jmo-dim' : ''} jmo-state-${node.state ?? 'none'}`}
      style={{ left: place.x, top: place.y, width: NODE.width, height: NODE.height }}
      onPointerEnter={() => onPoint(node.id)}
      onPointerLeave={() => onPoint(null)}
    >
      <button
        type="button"
        data-node={node.id}
        tabIndex={reachable ? 0 : -1}
        aria-current={node.focus ? 'true' : undefined}
        onFocus={onFocus}
        onClick={open}
        title={node.many ? t('Show them one by one') : node.name}
      >
        <KindIcon kind={kind} small />
        <span className="jmo-lineage-text">
          <span className="jmo-clip">{node.name}</span>
          <span className="jmo-muted jmo-clip">{node.many ? many : what}</span>
        </span>
        {node.state ? <StateIcon state={node.state} size={11} /> : null}
      </button>
      {node.type === 'source' || node.many ? null : (
        <IconButton
          icon={Plus}
          className="jmo-lineage-more"
          label={t('Show more around %1', node.name)}
          tabIndex={-1}
          onClick={() => void onExpand(node)}
        />
      )}
    </div>
  );
}
