/** The form itself: fields, options, and what starts it. */
import { Play } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { Unreachable, type IBackend } from '../../model/backend';
import type { IArtifactGroup } from '../../model/contract';
import { filled, namedIn, order, type IFilled, type IOrder } from '../../model/forms/order';
import type { IGiven } from '../../model/host';
import { useBackend, useT } from '../surroundings';
import { Button, Problem } from '../ui';
import { InputField } from './InputField';
import { Options } from './Options';
import { ParamField } from './ParamField';
import { SweepGoal } from './SweepGoal';
import type { ITarget } from './target';

interface IFormProps {
  target: ITarget;
  given: IGiven | undefined;
  groups: IArtifactGroup[];
  onDone(run: string | null): void;
}

export function Form({ target, given, groups, onDone }: IFormProps) {
  const t = useT();
  const backend = useBackend();
  const { fields, inputs } = target;
  const [form, setForm] = useState<IFilled>(() =>
    filled(
      fields,
      inputs,
      given,
      groups.map(({ key }) => key)
    )
  );
  const [refusal, setRefusal] = useState<Error | null>(null);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLFormElement>(null);
  useEffect(() => box.current?.querySelector<HTMLElement>('input, select, button[type=submit]')?.focus(), []);
  const asked = useMemo(() => order(fields, inputs, form, given, t), [fields, inputs, form, given, t]);
  const names = [...fields, ...inputs].map(({ name }) => name);
  const refused = refusal ? namedIn(refusal.message, [...names, 'timeout', 'retries', 'parallel', 'tags']) : [];
  /** What is needed is asked for only after a try; what is typed wrong is told at once. */
  const problem = (name: string, text: string): string | null =>
    (text.trim() !== '' || tried ? asked.problems[name] : null) ?? (refusal && refused.includes(name) ? refusal.message : null);
  const change = (more: Partial<IFilled>) => {
    setForm({ ...form, ...more });
    setRefusal(null);
  };
  const start = async () => {
    setTried(true);
    if (busy) {
      return;
    }
    if (Object.keys(asked.problems).length > 0) {
      setTimeout(() => box.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
      return;
    }
    setBusy(true);
    setRefusal(null);
    try {
      const { run } = await send(backend, target.name, asked, given);
      onDone(run);
    } catch (error) {
      setRefusal(error as Error);
      setBusy(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      void start();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      onDone(null);
    }
  };
  const word = asked.points === null || asked.points === 1 ? t('Run') : t('Run %1 times', asked.points);
  return (
    <form
      ref={box}
      noValidate
      onSubmit={event => {
        event.preventDefault();
        void start();
      }}
      onKeyDown={onKeyDown}
    >
      <div className="jmo-form-body">
        {target.description ? <p className="jmo-muted">{target.description}</p> : null}
        {fields.length + inputs.length === 0 ? <p className="jmo-muted">{t('It takes nothing: just run it.')}</p> : null}
        {inputs.map(input => (
          <InputField
            key={input.name}
            input={input}
            groups={groups}
            text={form.inputs[input.name] ?? ''}
            error={problem(input.name, form.inputs[input.name] ?? '')}
            onChange={text => change({ inputs: { ...form.inputs, [input.name]: text } })}
          />
        ))}
        {fields.map(field => (
          <ParamField
            key={field.name}
            field={field}
            text={form.params[field.name] ?? ''}
            swept={form.swept.has(field.name)}
            error={problem(field.name, form.params[field.name] ?? '')}
            onChange={text => change({ params: { ...form.params, [field.name]: text } })}
            onSweep={on => {
              const swept = new Set(form.swept);
              swept[on ? 'add' : 'delete'](field.name);
              change({ swept });
            }}
          />
        ))}
        {asked.points === null ? null : <SweepGoal form={form} results={target.results} change={change} />}
        {given?.rerun === undefined || asked.points !== null ? ( // what is run again has those that it had
          <Options form={form} steps={target.steps} isSweep={asked.points !== null} problem={problem} change={change} />
        ) : null}
        {refusal && refused.length === 0 ? (
          <Problem error={refusal} retry={refusal instanceof Unreachable ? () => void start() : undefined} />
        ) : null}
      </div>
      <footer className="jmo-form-foot">
        <Button onClick={() => onDone(null)}>{t('Cancel')}</Button>
        <Button type="submit" look="primary" icon={Play} disabled={busy} title={t('Ctrl+Enter')}>
          {word}
        </Button>
      </footer>
    </form>
  );
}

function send(backend: IBackend, target: string, { options, points }: IOrder, given: IGiven | undefined) {
  const { params, inputs } = options;
  return given?.rerun !== undefined && points === null
    ? backend.call('runs.rerun', { run: given.rerun, params, inputs })
    : backend.call('runs.start', { target, options });
}
