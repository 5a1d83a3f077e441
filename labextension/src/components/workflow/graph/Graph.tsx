/** The workflow as a graph: React Flow with our nodes, edges, keys and drops. */
import { Background, BackgroundVariant, MiniMap, Panel, ReactFlow, ReactFlowProvider, useStore } from '@xyflow/react';
import { Plus } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useHost, useT } from '../../surroundings';
import { Button } from '../../ui';
import { useEditor } from '../context';
import { panel as inspector } from '../inspector/panel';
import { useElements } from './elements';
import { FarEdges, isFar } from './far';
import { FlowEdge, type FlowEdgeType, PickedArrow } from './FlowEdge';
import { Popup, type IPopup } from './Popup';
import { RunPill } from './RunPill';
import { SearchBox } from './SearchBox';
import type { StepNodeType } from './stepData';
import { StepNode } from './StepNode';
import { useDrops } from './useDrops';
import { FIT, useFit, useLaid, useTurned } from './useFit';
import { useHold } from './useHold';
import { useKeys } from './useKeys';
import { useEntrance, useReveal } from './useReveal';
import { useSteps } from './useSteps';
import { useWires } from './useWires';
import { useShown } from './useShown';
import { type ISize, useSize } from './useSize';
import { Zoom } from './Zoom';

const nodeTypes = { step: StepNode };
const edgeTypes = { flow: FlowEdge };
const NONE: FlowEdgeType[] = [];
/** Above that many, only what is in sight is in the DOM. */
const MANY = 60;
/** In less, an overview would cover the steps that it shows. */
const ROOMY = 420;

/** Where the keyboard goes when one looks into a step. */
const INSPECTED = '.jmo-inspector :is(button, input, select, textarea, [role=tab][tabindex="0"])';

/** What the toolbar asks of the graph. */
export interface IGraphHandle {
  tidy(): void;
  palette(): void;
  search(): void;
}

type Props = { handle: React.MutableRefObject<IGraphHandle | null> };

/** It's drawn when it's known what, and into what room: anything drawn before that would be drawn again. */
export function Graph(props: Props) {
  const room = useRef<HTMLDivElement>(null);
  const size = useSize(room);
  const { loading } = useEditor().file;
  return (
    <div className="jmo-graph" ref={room}>
      {size === null || loading ? null : (
        <ReactFlowProvider>
          <Canvas {...props} size={size} />
        </ReactFlowProvider>
      )}
    </div>
  );
}

function Canvas({ handle, size }: Props & { size: ISize }) {
  const t = useT();
  const embedded = useHost().place === 'cell';
  const editor = useEditor();
  const canvas = useRef<HTMLDivElement>(null);
  const [popup, setPopup] = useState<IPopup | null>(null);
  const [query, setQuery] = useState<string | null>(null);
  // ids of arrowheads are the page's: of two with the same, only the first counts, which may be in a hidden tab
  const [id] = useState(() => `jmo-${Math.random().toString(36).slice(2)}`);
  const elements = useElements(editor, size, query ?? '');
  const { start, leave, fit, reveal } = useFit(elements.nodes, size);
  const far = useStore(state => isFar(state.panZoom === null && start ? { transform: [start.x, start.y, start.zoom] } : state));
  useTurned(elements.direction, fit);
  useLaid(elements, size, reveal);
  const steps = useSteps(editor, elements);
  const shown = useShown(editor, elements, steps);
  const wires = useWires(editor, elements, steps, setPopup, canvas);
  const drops = useDrops(canvas, editor, steps);
  useReveal(canvas, elements, reveal);
  useHold(canvas);
  useEntrance(canvas);

  const acts = useMemo(
    () => ({
      palette: () => setPopup({ type: 'add', at: null, near: null, from: null }),
      connect: (from: string) => setPopup({ type: 'connect', at: null, from: { step: from, output: null }, to: null }),
      search: () => setQuery(before => before ?? ''),
      fit: () => fit(200),
      inspect: () => {
        inspector.show(true);
        requestAnimationFrame(() => canvas.current?.closest('.jmo-workflow')?.querySelector<HTMLElement>(INSPECTED)?.focus());
      }
    }),
    [fit]
  );
  const keys = useKeys(editor, elements, steps, shown.pickedEdges, acts);
  useEffect(() => {
    handle.current = {
      tidy: () => (steps.tidy(size), requestAnimationFrame(() => fit(250))),
      palette: acts.palette,
      search: acts.search
    };
    return () => {
      handle.current = null;
    };
  }, [handle, steps, size, fit, acts]);

  return (
    <div
      className="jmo-canvas"
      ref={canvas}
      tabIndex={editor.selected.length ? -1 : 0}
      style={{ ['--picked' as string]: `url("#${id}-picked")` }}
      role="group"
      aria-label={t(
        'Graph. Arrows walk through the steps, Tab through the connections of one, Enter adds one, C connects, Delete deletes.'
      )}
      {...keys}
      {...drops}
      onMouseDown={event => {
        // a click on the bare canvas takes the focus, so that keys mean it and not the notebook's cell
        if (!(event.target as Element).closest('.react-flow__node, button, input, .jmo-picker')) {
          canvas.current?.focus({ preventScroll: true });
        }
      }}
    >
      <ReactFlow<StepNodeType, FlowEdgeType>
        id={id}
        nodes={shown.nodes}
        edges={far ? NONE : shown.edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={shown.onNodesChange}
        onEdgesChange={shown.onEdgesChange}
        onNodeDragStop={shown.onNodeDragStop}
        {...wires}
        // React Flow binds these on the *document*: Backspace in the file browser would delete the selected step
        deleteKeyCode={null}
        panActivationKeyCode={null}
        disableKeyboardA11y
        nodesFocusable={false}
        edgesFocusable={false}
        multiSelectionKeyCode={['Shift', 'Control', 'Meta']}
        zoomOnScroll={!embedded}
        preventScrolling={!embedded}
        zoomActivationKeyCode={embedded ? 'Control' : null}
        zoomOnDoubleClick={false}
        minZoom={0.1}
        maxZoom={1.75}
        defaultViewport={start}
        fitView={start === undefined}
        fitViewOptions={FIT}
        onlyRenderVisibleElements={elements.nodes.length > MANY}
        onMoveStart={() => canvas.current?.classList.add('jmo-moving')}
        onMove={event => event && leave()} // a click on it begins a move, too, but moves nothing
        onMoveEnd={() => canvas.current?.classList.remove('jmo-moving')}
        onNodeDragStart={() => (leave(), canvas.current?.classList.add('jmo-moving'))}
        nodesDraggable={!editor.readonly}
        nodesConnectable={!editor.readonly}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={18} size={1.3} />
        {embedded || elements.nodes.length < 2 || size.height < ROOMY || size.width < ROOMY ? null : (
          <MiniMap<StepNodeType>
            pannable
            zoomable
            position="bottom-right"
            ariaLabel={t('Overview')}
            style={{ width: 132, height: 76 }}
            nodeBorderRadius={10}
            nodeClassName={node => `jmo-mini jmo-state-${node.data.line?.state ?? 'none'}`}
          />
        )}
        {far ? <FarEdges nodes={shown.nodes} edges={shown.edges} direction={elements.direction} /> : null}
        <Panel position="top-left">
          <RunPill />
        </Panel>
        {query === null ? null : (
          <Panel position="top-right">
            <SearchBox query={query} onQuery={setQuery} onClose={() => (setQuery(null), canvas.current?.focus())} />
          </Panel>
        )}
        <Zoom fit={() => fit(200)} />
        <PickedArrow id={`${id}-picked`} />
      </ReactFlow>
      {elements.nodes.length === 0 ? <Begin add={acts.palette} /> : null}
      {popup ? <Popup popup={popup} steps={steps} onClose={() => setPopup(null)} /> : null}
    </div>
  );
}

function Begin({ add }: { add(): void }) {
  const t = useT();
  const { readonly } = useEditor();
  return (
    <div className="jmo-canvas-empty">
      <h3>{t('No steps yet')}</h3>
      {readonly ? null : (
        <>
          <p>{t('Drag a Function or a notebook here, or choose one.')}</p>
          <Button icon={Plus} look="primary" onClick={add}>
            {t('Add a step')}
          </Button>
        </>
      )}
    </div>
  );
}
