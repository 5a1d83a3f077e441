import { Pencil } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useT } from '../../surroundings';
import { IconButton } from '../../ui';
import { useStepActions } from './actions';

/** The name of a step: F2, a double click or the pencil change it. */
export function StepName({ step, fixed }: { step: string; fixed: boolean }) {
  const t = useT();
  const { rename, nameProblem } = useStepActions();
  const [typed, setTyped] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const head = useRef<HTMLDivElement>(null);
  useEffect(() => setTyped(null), [step]);
  useEffect(() => field.current?.select(), [typed === null]); // eslint-disable-line react-hooks/exhaustive-deps
  useEffect(() => {
    // wherever in the inspector the focus is
    const around = head.current?.closest('aside');
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'F2' && !fixed) {
        event.preventDefault();
        setTyped(step);
      }
    };
    around?.addEventListener('keydown', onKey);
    return () => around?.removeEventListener('keydown', onKey);
  }, [step, fixed]);

  if (typed === null) {
    return (
      <div ref={head} className="jmo-step-name">
        <h3 className="jmo-clip" onDoubleClick={() => !fixed && setTyped(step)} title={step}>
          {step}
        </h3>
        {fixed ? null : <IconButton icon={Pencil} label={t('Rename')} onClick={() => setTyped(step)} />}
      </div>
    );
  }
  const wrong = nameProblem(step, typed);
  const commit = () => {
    setTyped(null);
    if (!wrong && typed !== step) {
      rename(step, typed);
    }
  };
  return (
    <div ref={head} className="jmo-step-name">
      <input
        ref={field}
        className="jmo-input"
        aria-label={t('Name')}
        aria-invalid={wrong !== null}
        title={wrong ?? undefined}
        value={typed}
        autoFocus
        spellCheck={false}
        onChange={event => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={event => {
          event.stopPropagation();
          if (event.key === 'Enter' && !wrong) {
            commit();
          } else if (event.key === 'Escape') {
            setTyped(null);
          }
        }}
      />
      {wrong ? (
        <span role="alert" className="jmo-field-error">
          {wrong}
        </span>
      ) : null}
    </div>
  );
}
