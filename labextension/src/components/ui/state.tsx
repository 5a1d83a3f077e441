import { Ban, Check, CircleDashed, Clock, LoaderCircle, SkipForward, X, Zap, type LucideIcon } from 'lucide-react';
import type { State } from '../../model/contract';
import { useT } from '../surroundings';

const GLYPH: Record<State | 'none', LucideIcon> = {
  none: CircleDashed,
  pending: Clock,
  running: LoaderCircle,
  completed: Check,
  error: X,
  aborting: LoaderCircle,
  aborted: Ban,
  skipped: SkipForward,
  cached: Zap
};

/** The state's word as shown. */
export function stateWord(state: State | 'none', t: (text: string) => string): string {
  const words: Record<State | 'none', string> = {
    none: t('Not run'),
    pending: t('Pending'),
    running: t('Running'),
    completed: t('Completed'),
    error: t('Error'),
    aborting: t('Aborting'),
    aborted: t('Aborted'),
    skipped: t('Skipped'),
    cached: t('Cached')
  };
  return words[state];
}

/** A round sign for a state; its word is its accessible name. */
export function StateIcon({ state, size = 12 }: { state: State | 'none'; size?: number }) {
  const word = stateWord(state, useT());
  const Glyph = GLYPH[state];
  return (
    <span className={`jmo-state jmo-state-${state}`} role="img" aria-label={word} title={word}>
      <Glyph size={size} strokeWidth={2.6} className="jmo-state-glyph" aria-hidden />
    </span>
  );
}

export function StatePill({ state }: { state: State | 'none' }) {
  const Glyph = GLYPH[state];
  return (
    <span className={`jmo-pill jmo-state-${state}`} data-state={state}>
      <Glyph size={11} strokeWidth={2.6} className="jmo-state-glyph" aria-hidden />
      {stateWord(state, useT())}
    </span>
  );
}
