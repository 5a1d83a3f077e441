/**
 * What a panel and what is around it say to each other on their own elements: the widget's code and Lab's share no other memory.
 * The panel leaves how it stands, for whoever takes it over; Lab's output leaves what it can do for the panel in it.
 */
import type { IHost } from '../host';
import type { IPlace } from './trail';

export interface ICellState {
  place: IPlace;
  /** A workflow's text that isn't saved, or nothing. */
  draft: string;
  /** Hash of the file that the draft was made from. */
  etag?: string | null;
}

/** A workflow's text that wasn't saved when its panel went away. */
export interface ILeft {
  draft: string;
  etag: string | null;
}

/** A text that isn't saved, and whose it is. */
export interface IDraft extends ILeft {
  /** null of one that Python put there: it is the shown workflow's, whatever its file says now. */
  workflow: string | null;
}

/** What is around the cell, where it is Lab. */
export type IOuter = Partial<Pick<IHost, 'openFile' | 'render' | 't'>>;

export interface ISurrounding {
  outer: IOuter;
  /** Where one has gone in what was shown before; null when one has gone nowhere. */
  place: IPlace | null;
  /** What a panel that went away left of a workflow; whoever takes it has it alone. */
  take(workflow: string): ILeft | null;
}

export const FRAME = 'jmo-cell-frame';
export const OUTPUT = 'jmo-output';

type Frame = Element & { jmoState?: ICellState };
type Output = Element & { jmoSurrounding?: ISurrounding };

export function leaveState(frame: Element | null, state: ICellState): void {
  if (frame) {
    (frame as Frame).jmoState = state;
  }
}

export const stateIn = (node: Element): ICellState | null => (node.querySelector(`.${FRAME}`) as Frame | null)?.jmoState ?? null;

export function surround(output: Element, surrounding: ISurrounding): void {
  (output as Output).jmoSurrounding = surrounding;
}

export const surroundingOf = (node: Element): ISurrounding | null =>
  (node.closest(`.${OUTPUT}`) as Output | null)?.jmoSurrounding ?? null;
