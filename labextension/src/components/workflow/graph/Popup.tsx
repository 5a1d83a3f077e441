/** The lists that open over the canvas: what to add, what to connect. */
import type { CSSProperties } from 'react';
import type { Place } from '../../../model/workflow/edits';
import { ConnectPicker } from '../ConnectPicker';
import { StepPalette } from '../StepPalette';
import type { IEnd, ISteps } from './useSteps';

/** `at` is where in the canvas, in pixels; null is at its upper right. */
export type IPopup =
  | { type: 'add'; at: Place | null; near: Place | null; from: IEnd | null }
  | { type: 'connect'; at: Place | null; from: IEnd; to: string | null };

export function Popup({ popup, steps, onClose }: { popup: IPopup; steps: ISteps; onClose(): void }) {
  const style: CSSProperties = popup.at
    ? { left: `min(${popup.at[0]}px, calc(100% - 288px))`, top: `min(${popup.at[1]}px, max(8px, calc(100% - 280px)))` }
    : { right: 12, top: 8 };
  return popup.type === 'add' ? (
    <StepPalette
      style={style}
      onClose={onClose}
      onPick={called => {
        onClose();
        steps.add(called, { near: popup.near, from: popup.from });
      }}
    />
  ) : (
    <ConnectPicker
      style={style}
      from={popup.from.step}
      output={popup.from.output === null ? null : `o:${popup.from.output}`}
      to={popup.to}
      onClose={onClose}
      onPick={(from, to) => {
        onClose();
        void steps.connect(from, to);
      }}
    />
  );
}
