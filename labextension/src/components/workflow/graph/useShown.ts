/** The nodes and edges as React Flow holds them: where they are while dragged, which are selected. */
import { applyEdgeChanges, applyNodeChanges, type EdgeChange, type NodeChange } from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Place } from '../../../model/workflow/edits';
import type { IEditor } from '../context';
import type { IElements } from './elements';
import type { FlowEdgeType } from './FlowEdge';
import type { StepNodeType } from './stepData';
import type { ISteps } from './useSteps';

export function useShown({ selected, select }: IEditor, elements: IElements, steps: ISteps) {
  const [nodes, setNodes] = useState<StepNodeType[]>(elements.nodes);
  const [edges, setEdges] = useState<FlowEdgeType[]>(elements.edges);
  const chosen = useRef(selected);
  chosen.current = selected;

  // what the text says now, with the selection and what React Flow measured
  useEffect(() => {
    setNodes(before => {
      const old = new Map(before.map(node => [node.id, node]));
      return elements.nodes.map(node => {
        const there = old.get(node.id);
        const isSelected = chosen.current.includes(node.id);
        const { data, position, height } = node;
        const same =
          there?.data === data && there.position.x === position.x && there.position.y === position.y && there.height === height;
        return there && same && (there.selected ?? false) === isSelected ? there : { ...there, ...node, selected: isSelected };
      });
    });
  }, [elements.nodes]);

  useEffect(() => {
    setNodes(before =>
      before.map(node => ((node.selected ?? false) === selected.includes(node.id) ? node : { ...node, selected: !node.selected }))
    );
  }, [selected]);

  useEffect(() => {
    setEdges(before => {
      const picked = new Set(before.filter(edge => edge.selected).map(edge => edge.id));
      return elements.edges.map(edge => (picked.has(edge.id) ? { ...edge, selected: true } : edge));
    });
  }, [elements.edges]);

  const onNodesChange = useCallback(
    (changes: NodeChange<StepNodeType>[]) => {
      setNodes(before => applyNodeChanges(changes, before));
      const turned = changes.filter(change => change.type === 'select');
      if (turned.length) {
        const next = new Set(chosen.current);
        turned.forEach(change => (change.selected ? next.add(change.id) : next.delete(change.id)));
        chosen.current = [...next];
        select(chosen.current);
      }
    },
    [select]
  );
  const onEdgesChange = useCallback(
    (changes: EdgeChange<FlowEdgeType>[]) => setEdges(before => applyEdgeChanges(changes, before)),
    []
  );

  const onNodeDragStop = useCallback(
    (event: unknown, _: StepNodeType, dragged: StepNodeType[]) => {
      const target = (event as { target?: EventTarget | null }).target;
      (target instanceof Element ? target.closest('.jmo-canvas') : null)?.classList.remove('jmo-moving');
      const moved = dragged.filter(({ id, position: { x, y } }) => {
        const [left, top] = elements.places[id] ?? [NaN, NaN];
        return Math.round(x) !== Math.round(left) || Math.round(y) !== Math.round(top);
      });
      if (moved.length) {
        steps.move(Object.fromEntries(moved.map(({ id, position }): [string, Place] => [id, [position.x, position.y]])));
      }
    },
    [elements.places, steps]
  );
  const pickedEdges = useMemo(() => edges.filter(edge => edge.selected && edge.data).map(edge => edge.data!.edge), [edges]);
  return { nodes, edges, onNodesChange, onEdgesChange, onNodeDragStop, pickedEdges };
}
