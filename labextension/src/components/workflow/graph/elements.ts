/** From the workflow to what React Flow shows; what didn't change stays the same object, so that it isn't drawn again. */
import { MarkerType } from '@xyflow/react';
import { useMemo, useRef } from 'react';
import { functionOf, type IStep, ON_EXIT } from '../../../model/workflow/document';
import type { Place } from '../../../model/workflow/edits';
import { edgesOf, type IEdge, ranks } from '../../../model/workflow/graph';
import { better, type Direction, directionOf, type INodeSize, placed } from '../../../model/workflow/layout';
import { inputHandle, outputHandle, portsOf, tileOf } from '../../../model/workflow/ports';
import { useT } from '../../surroundings';
import type { IEditor } from '../context';
import { edgeAttributes } from './edgeWords';
import { edgeLook, type FlowEdgeType } from './FlowEdge';
import { handlesOf, heightOf, roomOf, WIDTH } from './handles';
import type { IStepData, StepNodeType } from './stepData';
import type { ISize } from './useSize';

export interface IElements {
  nodes: StepNodeType[];
  edges: FlowEdgeType[];
  direction: Direction;
  sizes: INodeSize[];
  links: IEdge[];
  places: Record<string, Place>;
}

const COLOUR = {
  running: 'var(--jmo-accent)',
  error: 'var(--jmo-err)',
  done: 'var(--jmo-edge-ok)',
  idle: 'var(--jmo-edge)'
};

export function useElements(editor: IEditor, view: ISize, query: string): IElements {
  const t = useT();
  const { doc, functions, live, verdicts, problems } = editor;
  const steps = useMemo(() => (doc.on_exit ? [...doc.steps, doc.on_exit] : doc.steps), [doc]);
  const links = useMemo(() => edgesOf(doc), [doc]);
  const direction = useMemo<Direction>(
    () => directionOf(doc.layout, links) ?? better(ranks(doc, links), { width: WIDTH, height: 78 }, view),
    [doc, links, view]
  );
  const ports = useMemo(() => {
    const into = grouped(links);
    return new Map(steps.map(step => [step.name, portsOf(step, calledBy(step, functions), into.get(step.name) ?? [])]));
  }, [steps, links, functions]);
  const sizes = useMemo(
    () => steps.map(({ name }) => ({ id: name, width: WIDTH, height: heightOf(ports.get(name)!, direction) })),
    [steps, ports, direction]
  );
  const places = useMemo(
    () => placed(doc.layout, sizes, laid(links, doc.steps, doc.on_exit), direction),
    [doc, sizes, links, direction]
  );

  const rooms = useMemo(
    () => new Map(direction === 'LR' ? sizes.map(each => [each.id, roomOf(each, sizes, places)]) : []),
    [direction, sizes, places]
  );

  const cards = useMemo(() => sizes.map(each => ({ ...each, x: places[each.id][0], y: places[each.id][1] })), [sizes, places]);

  const cache = useRef(new Map<string, StepNodeType>());
  const nodes = useMemo(() => {
    const next = new Map<string, StepNodeType>();
    const words = query.trim().toLowerCase();
    for (const step of steps) {
      const data: IStepData = {
        step,
        tile: tileOf(step, calledBy(step, functions)),
        ports: ports.get(step.name)!,
        direction,
        room: rooms.get(step.name) ?? null,
        line: live?.byName.get(step.name) ?? null,
        verdict: verdicts.get(step.name) ?? null,
        problem: problems.find(problem => problem.step === step.name)?.text ?? null,
        found: words === '' ? null : matches(step, words) ? 'yes' : 'no'
      };
      const [x, y] = places[step.name];
      next.set(step.name, kept(cache.current.get(step.name), data, { x, y }));
    }
    cache.current = next;
    return [...next.values()];
  }, [steps, functions, ports, direction, rooms, live, verdicts, problems, places, query]);

  const edges = useMemo(
    () =>
      links.map((edge): FlowEdgeType => {
        const state = live?.byName.get(edge.target)?.state ?? 'none';
        const look = edgeLook(state, live?.byName.get(edge.source)?.state ?? 'none');
        const loose = edge.slot.field === 'after' || edge.slot.field === 'when' ? ' jmo-edge-order' : '';
        return {
          id: edge.id,
          type: 'flow',
          source: edge.source,
          target: edge.target,
          sourceHandle: outputHandle(edge),
          targetHandle: inputHandle(edge.slot),
          className: `jmo-edge-${look}${loose}`,
          focusable: false,
          domAttributes: edgeAttributes(edge, t),
          data: { edge, state, cards },
          markerEnd: { type: MarkerType.ArrowClosed, width: 13, height: 13, color: COLOUR[look] }
        };
      }),
    [links, live, cards, t]
  );
  return { nodes, edges, direction, sizes, links, places };
}

export const matches = (step: IStep, words: string): boolean =>
  `${step.name} ${step.function ?? step.workflow ?? ''}`.toLowerCase().includes(words);

const calledBy = (step: IStep, functions: IEditor['functions']) => functions.get(functionOf(step) ?? '') ?? null;

/** The edges at each step. */
function grouped(links: readonly IEdge[]): Map<string, IEdge[]> {
  const found = new Map<string, IEdge[]>();
  for (const edge of links) {
    for (const name of new Set([edge.source, edge.target])) {
      const there = found.get(name);
      if (there) {
        there.push(edge);
      } else {
        found.set(name, [edge]);
      }
    }
  }
  return found;
}

/** What the layout knows of: what runs at the end stands behind the last steps. */
function laid(links: readonly IEdge[], steps: readonly IStep[], end: IStep | null): Pick<IEdge, 'source' | 'target'>[] {
  if (!end) {
    return [...links];
  }
  const sources = new Set(links.map(edge => edge.source));
  return [...links, ...steps.filter(step => !sources.has(step.name)).map(step => ({ source: step.name, target: ON_EXIT }))];
}

function kept(before: StepNodeType | undefined, data: IStepData, position: { x: number; y: number }): StepNodeType {
  const same = before && (Object.keys(data) as (keyof IStepData)[]).every(key => alike(before.data[key], data[key]));
  if (same && before.position.x === position.x && before.position.y === position.y) {
    return before;
  }
  const size = { width: WIDTH, height: heightOf(data.ports, data.direction) };
  return {
    id: data.step.name,
    type: 'step',
    position,
    data: same ? before.data : data,
    ...size,
    // nothing of it has to be measured
    measured: size,
    handles: same ? before.handles : handlesOf(data.ports, data.direction, size)
  };
}

/** Steps and ports are read anew with every change of the text: those that say the same are the same. */
function alike(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === 'object' && one !== null && JSON.stringify(one) === JSON.stringify(other));
}
