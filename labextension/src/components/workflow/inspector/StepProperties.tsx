import type { ReactNode } from 'react';
import { ON_EXIT, type IStep } from '../../../model/workflow/document';
import { useT } from '../../surroundings';
import { useEditor } from '../context';
import { ForeachFields, SweepFields } from './LoopFields';
import { CalledField, LimitFields, MachineFields, OrderFields } from './MoreFields';
import { InputFields, ParamFields } from './StepFields';

/** All that can be said of a step. What is seldom said is folded, unless it is said. */
export function StepProperties({ step }: { step: IStep }) {
  const t = useT();
  const { problems } = useEditor();
  const isWrong = (...fields: string[]) =>
    problems.some(problem => problem.step === step.name && fields.includes(problem.field?.split('.')[0] ?? ''));
  const many = Object.keys(step.foreach).length > 0 || step.sweep !== null;
  const machine = Object.keys(step.resources).length + Object.keys(step.env).length > 0;
  const limits = [step.retries, step.backoff, step.timeout, step.cache, step.on_failure].some(value => value !== null);
  const order = step.when !== null || step.after.length > 0;
  return (
    <>
      <CalledField step={step} />
      <h4 className="jmo-heading">{t('Inputs')}</h4>
      <InputFields step={step} />
      <h4 className="jmo-heading">{t('Parameters')}</h4>
      <ParamFields step={step} />
      <Fold title={t('When it runs')} open={order || isWrong('after', 'when')}>
        <OrderFields step={step} />
      </Fold>
      {step.name === ON_EXIT ? null : (
        <Fold title={t('Many times')} open={many || isWrong('foreach', 'sweep')}>
          <ForeachFields step={step} />
          <SweepFields step={step} />
        </Fold>
      )}
      <Fold title={t('Failure, time and cache')} open={limits || isWrong('retries', 'backoff', 'timeout', 'cache', 'on_failure')}>
        <LimitFields step={step} />
      </Fold>
      <Fold title={t('Machine')} open={machine || isWrong('resources', 'env')}>
        <MachineFields step={step} />
      </Fold>
    </>
  );
}

export function Fold({ title, open, children }: { title: string; open: boolean; children: ReactNode }) {
  return (
    <details className="jmo-fold" open={open}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}
