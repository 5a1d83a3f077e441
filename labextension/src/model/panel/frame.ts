/** What a panel says of itself on its own element, for whoever takes it over: the widget's code and Lab's share no other memory. */
import type { IPlace } from './trail';

export interface ICellState {
  place: IPlace;
  /** A workflow's text that isn't saved, or nothing. */
  draft: string;
}

export const FRAME = 'jmo-cell-frame';

type Frame = Element & { jmoState?: ICellState };

export function leaveState(frame: Element | null, state: ICellState): void {
  if (frame) {
    (frame as Frame).jmoState = state;
  }
}

export const stateIn = (node: Element): ICellState | null => (node.querySelector(`.${FRAME}`) as Frame | null)?.jmoState ?? null;
