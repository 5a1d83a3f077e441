/** Connecting with the mouse: from port to port, onto a card, or into the empty canvas, where a new step comes to be. */
import { type Connection, type Edge, type FinalConnectionState, type OnConnectStartParams, useReactFlow } from '@xyflow/react';
import { useCallback, useMemo, useRef, type RefObject } from 'react';
import { type IEdge, refused } from '../../../model/workflow/graph';
import { outputOf, slotOf } from '../../../model/workflow/ports';
import { useHost } from '../../surroundings';
import type { IEditor } from '../context';
import { refusalText } from '../words';
import type { IElements } from './elements';
import type { FlowEdgeType } from './FlowEdge';
import type { IPopup } from './Popup';
import type { ISteps } from './useSteps';

type Point = { clientX: number; clientY: number };

const pointOf = (event: MouseEvent | TouchEvent): Point => ('changedTouches' in event ? event.changedTouches[0] : event);

export function useWires(
  editor: IEditor,
  { links }: IElements,
  steps: ISteps,
  open: (popup: IPopup) => void,
  canvas: RefObject<HTMLDivElement>
) {
  const host = useHost();
  const flow = useReactFlow();
  const made = useRef(false);
  const moving = useRef<IEdge | null>(null);

  const isValidConnection = useCallback(
    ({ source, target }: Connection | Edge) =>
      refused(
        links.filter(edge => edge !== moving.current),
        source,
        target
      ) === null,
    [links]
  );

  const bind = useCallback(
    ({ source, target, sourceHandle, targetHandle }: Connection, instead: IEdge | null) => {
      made.current = true;
      const from = { step: source, output: outputOf(sourceHandle ?? 'o:') };
      void steps.connect(from, { step: target, slot: slotOf(targetHandle ?? 'a:') }, instead);
    },
    [steps]
  );

  /** Where a connection ended that met no port. */
  const end = useCallback(
    (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
      const from = state.fromNode?.id;
      if (made.current || moving.current || from === undefined || state.fromHandle?.type !== 'source' || editor.readonly) {
        return;
      }
      const { clientX, clientY } = pointOf(event);
      const source = { step: from, output: outputOf(state.fromHandle.id ?? 'o:') };
      const under =
        state.toNode?.id ?? document.elementFromPoint(clientX, clientY)?.closest<HTMLElement>('.react-flow__node')?.dataset.id;
      const box = canvas.current?.getBoundingClientRect();
      const at: [number, number] = [clientX - (box?.left ?? 0), clientY - (box?.top ?? 0)];
      if (under === undefined) {
        const { x, y } = flow.screenToFlowPosition({ x: clientX, y: clientY });
        open({ type: 'add', at, near: [x + 96, y], from: source });
        return;
      }
      const why = under === from ? null : refusalText(refused(links, from, under), host.t);
      if (why) {
        host.notify(why, 'error');
      } else if (under !== from) {
        open({ type: 'connect', at, from: source, to: under });
      }
    },
    [canvas, editor.readonly, flow, host, links, open]
  );

  return useMemo(
    () => ({
      isValidConnection,
      onConnectStart: (_: unknown, __: OnConnectStartParams) => {
        made.current = false;
      },
      onConnect: (connection: Connection) => bind(connection, null),
      onConnectEnd: end,
      onReconnectStart: (_: unknown, edge: FlowEdgeType) => {
        moving.current = edge.data?.edge ?? null;
      },
      onReconnect: (edge: FlowEdgeType, connection: Connection) => bind(connection, edge.data?.edge ?? null),
      onReconnectEnd: () => {
        moving.current = null;
      }
    }),
    [isValidConnection, bind, end]
  );
}
