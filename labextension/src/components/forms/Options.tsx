/** What is rarely needed: a name, tags, limits, and of a workflow which steps run and how. */
import { ChevronRight } from 'lucide-react';
import type { IFilled, IOptionTexts } from '../../model/forms/order';
import { useT } from '../surroundings';
import { Field } from '../ui';

interface IOptionsProps {
  form: IFilled;
  /** Of a workflow. */
  steps: string[] | null;
  isSweep: boolean;
  problem(name: string, text: string): string | null;
  change(more: Partial<IFilled>): void;
}

type TextOption = Exclude<keyof IOptionTexts, 'cache' | 'best' | 'result'>;

export function Options({ form, steps, isSweep, problem, change }: IOptionsProps) {
  const t = useT();
  const { options } = form;
  const put = (more: Partial<IOptionTexts>) => change({ options: { ...options, ...more } });
  const texts: [TextOption, string, string, string][] = [
    ['name', t('Name'), '', ''],
    ['tags', t('Tags'), '', 'stage=test, owner=me'],
    ...(isSweep ? [] : ([['timeout', t('Timeout'), '', '10m']] as [TextOption, string, string, string][])),
    ...(isSweep || steps ? [] : ([['retries', t('Retries'), '', '0']] as [TextOption, string, string, string][])),
    ...(isSweep || steps ? ([['parallel', t('At once'), '', t('one a core')]] as [TextOption, string, string, string][]) : [])
  ];
  return (
    <details className="jmo-options" open={texts.some(([name]) => problem(name, options[name]) !== null) || undefined}>
      <summary>
        <ChevronRight size={13} aria-hidden />
        {t('Options')}
      </summary>
      {texts.map(([name, label, help, example]) => (
        <Field key={name} label={label} help={help} error={problem(name, options[name])}>
          {ids => (
            <input
              {...ids}
              className="jmo-input"
              value={options[name]}
              placeholder={example}
              onChange={event => put({ [name]: event.target.value })}
            />
          )}
        </Field>
      ))}
      {steps && !isSweep ? (
        <>
          <StepChoice label={t('From step')} value={options.from_step} steps={steps} onChange={from_step => put({ from_step })} />
          <StepChoice label={t('Only step')} value={options.only} steps={steps} onChange={only => put({ only })} />
          <StepChoice label={t('Until step')} value={options.until} steps={steps} onChange={until => put({ until })} />
          <label className="jmo-check">
            <input type="checkbox" checked={options.cache} onChange={event => put({ cache: event.target.checked })} />
            {t('Reuse what was computed before')}
          </label>
        </>
      ) : null}
    </details>
  );
}

function StepChoice(props: { label: string; value: string; steps: string[]; onChange(step: string): void }) {
  const t = useT();
  return (
    <Field label={props.label}>
      {ids => (
        <select {...ids} className="jmo-input" value={props.value} onChange={event => props.onChange(event.target.value)}>
          <option value="">{t('All steps')}</option>
          {props.steps.map(step => (
            <option key={step} value={step}>
              {step}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
