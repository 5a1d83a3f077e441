/** The latest run in a line: how far it is, how long it takes, a block for each step. */
import { shortId } from '../../../model/format';
import { duration } from '../../../model/format';
import { elapsed, isGoing, progressOf } from '../../../model/workflow/live';
import { useNow } from '../../answers';
import { useHost, useT } from '../../surroundings';
import { stateWord } from '../../ui';
import { useEditor } from '../context';

/** So many blocks fit; of more steps a block stands for several. */
const BLOCKS = 40;
const WORST = ['error', 'aborted', 'aborting', 'running', 'pending', 'skipped', 'cached', 'completed'] as const;

export function RunPill() {
  const t = useT();
  const host = useHost();
  const { live } = useEditor();
  const now = useNow(isGoing(live));
  if (!live) {
    return null;
  }
  const { run } = live;
  const { done, total, states } = progressOf(live);
  const each = Math.max(1, Math.ceil(states.length / BLOCKS));
  const blocks = Array.from({ length: Math.ceil(states.length / each) }, (_, at) => {
    const part = states.slice(at * each, (at + 1) * each);
    return WORST.find(state => part.includes(state)) ?? 'pending';
  });
  const said = total ? t('%1/%2 steps', done, total) : stateWord(run.state, t);
  const time = duration(elapsed(run, now));
  return (
    <button
      type="button"
      className="jmo-run-pill"
      title={t('Open the run')}
      aria-label={t('Run %1: %2, %3. Open it.', shortId(run.id), stateWord(run.state, t), said)}
      onClick={() => host.openRun(run.id)}
    >
      <span className={`jmo-run-dot jmo-state-${run.state}`} />
      <b>{t('Run %1', shortId(run.id))}</b>
      <span className="jmo-muted jmo-num">{[said, time].filter(Boolean).join(' · ')}</span>
      {blocks.length ? (
        <span className="jmo-run-blocks" aria-hidden>
          {blocks.map((state, at) => (
            <i key={at} className={`jmo-state-${state}`} />
          ))}
        </span>
      ) : null}
    </button>
  );
}
