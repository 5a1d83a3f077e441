/** Run all, a part, again from where it failed; or stop. */
import {
  ChevronDown,
  FastForward,
  Play,
  RotateCcw,
  SkipForward,
  SlidersHorizontal,
  Square,
  StepForward,
  ZapOff
} from 'lucide-react';
import { useT } from '../surroundings';
import { Button, WithMenu, type IMenuItem } from '../ui';
import { useEditor } from './context';
import type { IRunning } from './useRunning';

export function RunButton({ running }: { running: IRunning }) {
  const t = useT();
  const { doc, selected } = useEditor();
  const { busy, going, run, form, stop, resume } = running;
  if (going) {
    return (
      <Button icon={Square} look="danger" disabled={busy} onClick={stop}>
        {t('Stop')}
      </Button>
    );
  }
  const steps = selected.filter(name => doc.steps.some(step => step.name === name));
  const one = steps.length === 1 ? steps[0] : null;
  const items: (IMenuItem | 'line')[] = [
    { label: t('Run with params…'), icon: SlidersHorizontal, run: form },
    { label: t('Run without cache'), icon: ZapOff, run: () => run({ cache: false }) },
    'line',
    {
      label: one ? t('Run from %1', one) : t('Run from the selected step'),
      icon: FastForward,
      disabled: one === null,
      run: () => run({ from_step: one ?? undefined })
    },
    {
      label: one ? t('Run up to %1', one) : t('Run up to the selected step'),
      icon: SkipForward,
      disabled: one === null,
      run: () => run({ until: one ?? undefined })
    },
    {
      label: one ? t('Run only %1', one) : t('Run only the selected steps'),
      icon: StepForward,
      disabled: steps.length === 0,
      run: () => run({ only: steps })
    },
    'line',
    { label: t('Resume the last run'), icon: RotateCcw, disabled: resume === null, run: () => resume?.() }
  ];
  const nothing = doc.steps.length === 0;
  return (
    <span className="jmo-split">
      {resume ? (
        <Button
          icon={RotateCcw}
          disabled={busy}
          onClick={resume}
          title={t('Run what failed in the last run, and what comes after')}
        >
          {t('Resume')}
        </Button>
      ) : null}
      <Button icon={Play} look="primary" className="jmo-split-main" disabled={busy || nothing} onClick={() => run()}>
        {t('Run')}
      </Button>
      <WithMenu items={items} label={t('Ways to run')}>
        {button => (
          <Button
            look="primary"
            icon={ChevronDown}
            className="jmo-split-more"
            aria-label={t('Ways to run')}
            disabled={busy || nothing}
            {...button}
          />
        )}
      </WithMenu>
    </span>
  );
}
