/** What is best of a sweep. */
import { useId } from 'react';
import type { IFilled } from '../../model/forms/order';
import { useT } from '../surroundings';

interface ISweepGoalProps {
  form: IFilled;
  results: string[];
  change(more: Partial<IFilled>): void;
}

export function SweepGoal({ form, results, change }: ISweepGoalProps) {
  const t = useT();
  const id = useId().replaceAll(':', ''); // as a selector it would mean something
  const { options } = form;
  return (
    <fieldset className="jmo-goal">
      <legend>{t('The best has')}</legend>
      <select
        className="jmo-input"
        aria-label={t('Highest or lowest')}
        value={options.best}
        onChange={event => change({ options: { ...options, best: event.target.value as 'max' | 'min' } })}
      >
        <option value="max">{t('the highest')}</option>
        <option value="min">{t('the lowest')}</option>
      </select>
      <input
        className="jmo-input"
        list={id}
        aria-label={t('Result')}
        placeholder={results[0] ?? t('result')}
        value={options.result}
        onChange={event => change({ options: { ...options, result: event.target.value } })}
      />
      <datalist id={id}>
        {results.map(result => (
          <option key={result} value={result} />
        ))}
      </datalist>
    </fieldset>
  );
}
