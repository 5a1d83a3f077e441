/** A step on the canvas. Drawn again only when something of it changes. */
import { Handle, type NodeProps, useStore } from '@xyflow/react';
import { CircleAlert, LogOut, Repeat, TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import type { State } from '../../../model/contract';
import type { IStep } from '../../../model/workflow/document';
import { ON_EXIT } from '../../../model/workflow/document';
import type { Direction } from '../../../model/workflow/layout';
import type { IPort } from '../../../model/workflow/ports';
import { AFTER } from '../../../model/workflow/ports';
import { useT } from '../../surroundings';
import { KindIcon, StateIcon, stateWord } from '../../ui';
import { isFar } from './far';
import { Foot } from './Foot';
import { along, heightOf, isAside, positionOf, type Side, WIDTH } from './handles';
import type { IStepData, StepNodeType } from './stepData';

export const StepNode = memo(function StepNode({ id, data, selected }: NodeProps<StepNodeType>) {
  const t = useT();
  const far = useStore(isFar);
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
      {far ? (
        <span className={`jmo-node-far jmo-kind-${tile}`} title={title} />
      ) : (
        <Card data={data} title={title} called={called} />
      )}
    </div>
  );
});

function Card({ data, title, called }: { data: IStepData; title: string; called: string }) {
  const { step, tile, ports, direction, room, line, problem } = data;
  const state = line?.state ?? 'none';
  return (
    <>
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
      <Ports ports={ports.inputs} side="target" direction={direction} room={room?.[0]} />
      <Ports ports={ports.outputs} side="source" direction={direction} room={room?.[1]} />
    </>
  );
}

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

function Ports({ ports, side, direction, room }: { ports: IPort[]; side: Side; direction: Direction; room?: number }) {
  const t = useT();
  return (
    <>
      {ports.map(port => {
        const place = along(port, ports);
        const at = 'pixels' in place ? `${place.pixels}px` : `${place.share * 100}%`;
        const label = port.name ?? (port.id === AFTER ? t('after') : t('any output'));
        const looks = [port.connected && 'jmo-connected', port.required && 'jmo-required', isAside(port, ports) && 'jmo-after'];
        return (
          <Handle
            key={port.id}
            id={port.id}
            type={side}
            position={positionOf(side, direction)}
            className={['jmo-port', ...looks].filter(Boolean).join(' ')}
            style={direction === 'LR' ? { top: at } : { left: at }}
            title={port.detail ? `${label}: ${port.detail}` : label}
          >
            <span className="jmo-port-label" style={{ maxWidth: room }} aria-hidden>
              {label}
            </span>
          </Handle>
        );
      })}
    </>
  );
}
