/** A parameter: a control of its type, or in a sweep a list of values. */
import { ListPlus } from 'lucide-react';
import { choiceText, placeholder, type IField } from '../../model/forms/fields';
import { useT } from '../surroundings';
import { Field } from '../ui';

interface IParamFieldProps {
  field: IField;
  text: string;
  swept: boolean;
  error: string | null;
  onChange(text: string): void;
  onSweep(on: boolean): void;
}

export function ParamField({ field, text, swept, error, onChange, onSweep }: IParamFieldProps) {
  const t = useT();
  const { name, hint, help, default: written } = field;
  // what there is to choose from is in the list already
  const type = field.choices ? null : (hint ?? (field.control === 'python' ? null : field.control));
  const needed = written === null ? t('needed') : null;
  const say = swept ? t('Values with commas between: each is tried.') : help;
  return (
    <div className="jmo-form-param">
      <Field label={name} type={[type, needed].filter(Boolean).join(' · ')} help={say} error={error}>
        {ids => (
          <div className="jmo-form-line">
            {swept ? (
              <input
                {...ids}
                className="jmo-input jmo-mono"
                value={text}
                placeholder={example(field)}
                onChange={event => onChange(event.target.value)}
              />
            ) : (
              <Control field={field} text={text} ids={ids} onChange={onChange} />
            )}
            <button
              type="button"
              className="jmo-icon-button jmo-sweep"
              aria-pressed={swept}
              aria-label={t('Sweep %1: try several values', name)}
              title={t('Try several values')}
              onClick={() => onSweep(!swept)}
            >
              <ListPlus size={14} aria-hidden />
            </button>
          </div>
        )}
      </Field>
    </div>
  );
}

function example({ control, default: written, choices }: IField): string {
  if (choices) {
    return choices.map(choiceText).join(', ');
  }
  if (control === 'bool') {
    return 'True, False';
  }
  const number = Number(written);
  return written !== null && Number.isFinite(number) ? `${written}, ${number * 2}` : 'a, b, c';
}

interface IControlProps {
  field: IField;
  text: string;
  ids: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean };
  onChange(text: string): void;
}

function Control({ field, text, ids, onChange }: IControlProps) {
  const t = useT();
  const { control, default: written } = field;
  const required = written === null;
  const options = control === 'bool' ? ['True', 'False'] : control === 'choice' ? (field.choices ?? []).map(choiceText) : null;
  if (options) {
    const shown = placeholder(field);
    return (
      <select
        {...ids}
        className="jmo-input"
        value={text}
        aria-required={required}
        onChange={event => onChange(event.target.value)}
      >
        <option value="">{required ? t('Choose…') : t('%1 (default)', shown)}</option>
        {options.map(option => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
        {text !== '' && !options.includes(text) ? <option value={text}>{text}</option> : null}
      </select>
    );
  }
  return (
    <input
      {...ids}
      className={`jmo-input${control === 'str' ? '' : ' jmo-mono'}`}
      type="text"
      inputMode={control === 'int' ? 'numeric' : control === 'float' ? 'decimal' : 'text'}
      spellCheck={false}
      autoComplete="off"
      aria-required={required}
      value={text}
      placeholder={placeholder(field)}
      onChange={event => onChange(event.target.value)}
    />
  );
}
