/** What a node of React Flow knows of its step. */
import type { Node } from '@xyflow/react';
import type { IStepLine, IVerdict } from '../../../model/contract';
import type { IStep } from '../../../model/workflow/document';
import type { Direction } from '../../../model/workflow/layout';
import type { IPorts } from '../../../model/workflow/ports';

export interface IStepData extends Record<string, unknown> {
  step: IStep;
  tile: string;
  ports: IPorts;
  direction: Direction;
  /** How wide the names of ports at its left and right may be; null when they're above and below. */
  room: readonly [number, number] | null;
  line: IStepLine | null;
  verdict: IVerdict | null;
  /** What is wrong with it. */
  problem: string | null;
  /** Of a search: found, or not. */
  found: 'yes' | 'no' | null;
}

export type StepNodeType = Node<IStepData, 'step'>;
