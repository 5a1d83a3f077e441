/** A step on the canvas. Drawn again only when something of it changes. */
import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { CircleAlert, LogOut, Repeat, TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import type { IStepLine, IVerdict, State } from '../../../model/contract';
import type { IStep } from '../../../model/workflow/document';
import { ON_EXIT } from '../../../model/workflow/document';
import type { Direction } from '../../../model/workflow/layout';
import type { IPort, IPorts } from '../../../model/workflow/ports';
import { AFTER } from '../../../model/workflow/ports';
import { useT } from '../../surroundings';
import { KindIcon, StateIcon, stateWord } from '../../ui';
import { Foot } from './Foot';

export interface IStepData extends Record<string, unknown> {
  step: IStep;
  tile: string;
  ports: IPorts;
  direction: Direction;
  line: IStepLine | null;
  verdict: IVerdict | null;
  /** What is wrong with it. */
  problem: string | null;
  /** Of a search: found, or not. */
  found: 'yes' | 'no' | null;
}

export type StepNodeType = Node<IStepData, 'step'>;

export const WIDTH = 204;
/** Room for every port beside the card. */
export const heightOf = (ports: IPorts, direction: Direction): number =>
  direction === 'TB'
    ? 78
    : Math.max(78, 18 * Math.max(ports.inputs.filter(port => port.id !== AFTER).length, ports.outputs.length));

export const StepNode = memo(function StepNode({ id, data, selected }: NodeProps<StepNodeType>) {
  const t = useT();
  const { step, tile, ports, direction, line, problem, found } = data;
  const state: State | 'none' = line?.state ?? 'none';
  const called = step.function ?? step.workflow ?? '';
  const title = id === ON_EXIT ? t('on exit') : id;
  return (
    <div
      className={`jmo-node jmo-state-${state}${selected ? ' jmo-selected' : ''}${problem ? ' jmo-has-problem' : ''}`}
      data-found={found ?? undefined}
      data-state={state}
      style={{ width: WIDTH, height: heightOf(ports, direction) }}
      role="button"
      tabIndex={selected ? 0 : -1}
      aria-pressed={selected}
      aria-label={[title, called, stateWord(state, t), problem].filter(Boolean).join(', ')}
    >
      <div className="jmo-node-main">
        <KindIcon kind={tile} />
        <div className="jmo-node-text">
          <div className="jmo-node-name jmo-clip" title={title}>
            {title}
          </div>
          <div className="jmo-node-called jmo-clip" title={called}>
            {called}
          </div>
        </div>
        <Signs step={step} problem={problem} state={state} />
      </div>
      <Foot data={data} />
      {line?.progress !== null && line?.progress !== undefined && state === 'running' ? (
        <div className="jmo-progress">
          <i style={{ width: `${Math.round(Math.min(1, Math.max(0, line.progress)) * 100)}%` }} />
        </div>
      ) : null}
      <Ports ports={ports.inputs} side="target" direction={direction} />
      <Ports ports={ports.outputs} side="source" direction={direction} />
    </div>
  );
});

function Signs({ step, problem, state }: { step: IStep; problem: string | null; state: State | 'none' }) {
  const t = useT();
  return (
    <>
      {Object.keys(step.foreach).length || step.sweep !== null ? (
        <span className="jmo-node-sign" title={step.sweep === null ? t('Once per item') : t('A search over its params')}>
          <Repeat size={12} aria-hidden />
        </span>
      ) : null}
      {step.name === ON_EXIT ? (
        <span className="jmo-node-sign" title={t('Runs at the end, whatever happened')}>
          <LogOut size={12} aria-hidden />
        </span>
      ) : null}
      {problem ? (
        <span className="jmo-node-problem" role="img" aria-label={problem} title={problem}>
          {state === 'error' ? <TriangleAlert size={13} aria-hidden /> : <CircleAlert size={13} aria-hidden />}
        </span>
      ) : null}
      {state === 'none' ? null : <StateIcon state={state} />}
    </>
  );
}

function Ports({ ports, side, direction }: { ports: IPort[]; side: 'source' | 'target'; direction: Direction }) {
  const t = useT();
  const position =
    direction === 'LR'
      ? side === 'target'
        ? Position.Left
        : Position.Right
      : side === 'target'
        ? Position.Top
        : Position.Bottom;
  const data = ports.filter(port => port.id !== AFTER);
  return (
    <>
      {ports.map(port => {
        // order has its own place at the corner, unless it's the only one
        const aside = port.id === AFTER && data.length > 0;
        const at = aside ? '10px' : `${((Math.max(0, data.indexOf(port)) + 1) / (Math.max(1, data.length) + 1)) * 100}%`;
        const label = port.name ?? (port.id === AFTER ? t('after') : t('any output'));
        return (
          <Handle
            key={port.id}
            id={port.id}
            type={side}
            position={position}
            className={`jmo-port${port.connected ? ' jmo-connected' : ''}${port.required ? ' jmo-required' : ''}${aside ? ' jmo-after' : ''}`}
            style={direction === 'LR' ? { top: at } : { left: at }}
            title={port.detail ? `${label}: ${port.detail}` : label}
          >
            <span className="jmo-port-label" aria-hidden>
              {label}
            </span>
          </Handle>
        );
      })}
    </>
  );
}
