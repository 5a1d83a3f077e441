/** When, how often and with what a step runs. */
import type { Value } from '../../../model/contract';
import { functionOf, ON_EXIT, type IStep } from '../../../model/workflow/document';
import { setField, type StepField } from '../../../model/workflow/edits';
import { edgesOf, waitingFor } from '../../../model/workflow/graph';
import { useT } from '../../surroundings';
import { IconButton, WithPopover } from '../../ui';
import { Plus } from 'lucide-react';
import { useEditor } from '../context';
import { Entry, SelectEntry, TextEntry } from './Entry';
import { ReferencePicker } from './ReferencePicker';
import { problemOf } from './problems';
import { amount, entered, enteredEnv, typedEnv, typedOf, without } from './typed';
import { Chip } from './ValueEntry';

const always = () => true;

export interface ISet {
  set(field: StepField, value: Value, merge?: string): void;
  error(field: string, name?: string): string | null;
  readonly: boolean;
}

export function useSet(step: IStep): ISet {
  const t = useT();
  const { edit, problems, readonly } = useEditor();
  return {
    set: (field, value, merge) =>
      void edit(t('Set %1 of %2', field, step.name), text => setField(text, step.name, field, value), merge),
    error: (field, name) => problemOf(problems, step.name, field, name),
    readonly
  };
}

/** Which Function or workflow it calls. */
export function CalledField({ step }: { step: IStep }) {
  const t = useT();
  const { functions, workflows, file, edit, problems, readonly } = useEditor();
  const now = step.workflow === null ? `f ${step.function ?? ''}` : `w ${step.workflow}`;
  const options = [
    ...[...functions.keys()].map(name => ({ value: `f ${name}`, label: name })),
    ...workflows
      .filter(({ name }) => name !== file.name)
      .map(({ name }) => ({ value: `w ${name}`, label: t('%1 (workflow)', name) }))
  ];
  const known = options.some(option => option.value === now);
  return (
    <SelectEntry
      label={t('Calls')}
      error={problemOf(problems, step.name, 'function') ?? problemOf(problems, step.name, 'workflow')}
      value={now}
      options={known ? options : [{ value: now, label: step.function ?? step.workflow ?? t('Choose…') }, ...options]}
      disabled={readonly}
      onPick={picked => {
        const [kind, name] = picked.split(' ');
        const [field, other] = kind === 'f' ? (['function', 'workflow'] as const) : (['workflow', 'function'] as const);
        edit(t('Set what %1 calls', step.name), text => {
          const changed = setField(text, step.name, field, name);
          return step[other] === null ? changed : setField(changed, step.name, other, null);
        });
      }}
    />
  );
}

export function OrderFields({ step }: { step: IStep }) {
  const t = useT();
  const { doc } = useEditor();
  const { set, error, readonly } = useSet(step);
  const waiting = waitingFor(edgesOf(doc), step.name);
  const free = doc.steps
    .filter(({ name }) => !step.after.includes(name) && !waiting.has(name))
    .map(({ name }) => ({ value: name, label: name, group: t('Steps'), kind: null }));
  return (
    <>
      {step.name === ON_EXIT ? null : (
        <Entry
          label={t('After')}
          help={t('Steps that it waits for without taking anything of them')}
          error={error('after')}
          action={
            readonly ? null : (
              <WithPopover
                label={t('Add a step to wait for')}
                className="jmo-refer-box"
                button={button => <IconButton icon={Plus} label={t('Add a step to wait for')} {...button} />}
              >
                {close => (
                  <ReferencePicker
                    options={free}
                    label={t('Step')}
                    onPick={({ value }) => (close(), set('after', [...step.after, value]))}
                  />
                )}
              </WithPopover>
            )
          }
        >
          {ids => (
            <div className="jmo-refs" {...ids} role="group" aria-label={t('After')}>
              {step.after.map(name => (
                <Chip
                  key={name}
                  text={name}
                  disabled={readonly}
                  onRemove={() =>
                    set(
                      'after',
                      step.after.filter(other => other !== name)
                    )
                  }
                />
              ))}
            </div>
          )}
        </Entry>
      )}
      <TextEntry
        label={t('When')}
        mono
        help={t('Runs only if this holds')}
        placeholder="check.accuracy > params.least"
        text={step.when ?? ''}
        error={error('when')}
        disabled={readonly}
        soon={always}
        onCommit={(typed, merge) => set('when', typed.trim(), merge)}
      />
    </>
  );
}

export function LimitFields({ step }: { step: IStep }) {
  const t = useT();
  const { functions } = useEditor();
  const { set, error, readonly } = useSet(step);
  const usual = functions.get(functionOf(step) ?? '')?.runtime ?? {};
  const shown = (field: string, none: string) => (usual[field] ? String(usual[field]) : none);
  const whole = (typed: string) => entered(typed, 'int', t);
  const number = (typed: string) => entered(typed, 'float', t);
  const text = (value: Value) => (value === null ? '' : typeof value === 'string' ? value : typedOf(value, 'python'));
  return (
    <>
      <div className="jmo-fields-row">
        <TextEntry
          label={t('Retries')}
          text={text(step.retries)}
          placeholder={shown('retries', '0')}
          error={error('retries')}
          disabled={readonly}
          check={typed => whole(typed).error}
          soon={always}
          onCommit={(typed, merge) => set('retries', typed.trim() === '' ? null : amount(typed), merge)}
        />
        <TextEntry
          label={t('Backoff')}
          type="s"
          text={text(step.backoff)}
          placeholder="0"
          error={error('backoff')}
          disabled={readonly}
          check={typed => number(typed).error}
          soon={always}
          onCommit={(typed, merge) => set('backoff', typed.trim() === '' ? null : amount(typed), merge)}
        />
        <TextEntry
          label={t('Timeout')}
          text={text(step.timeout)}
          placeholder={shown('timeout', t('None'))}
          error={error('timeout')}
          disabled={readonly}
          soon={always}
          onCommit={(typed, merge) => set('timeout', typed.trim() === '' ? null : amount(typed), merge)}
        />
      </div>
      <SelectEntry
        label={t('If it fails')}
        error={error('on_failure')}
        value={step.on_failure ?? ''}
        options={[
          { value: '', label: t('Skip what needs it') },
          { value: 'continue', label: t('Go on without it') }
        ]}
        disabled={readonly}
        onPick={picked => set('on_failure', picked)}
      />
      <SelectEntry
        label={t('Cache')}
        error={error('cache')}
        value={step.cache === false ? 'no' : 'yes'}
        options={[
          { value: 'yes', label: t('Reuse results') },
          { value: 'no', label: t('Always run') }
        ]}
        disabled={readonly}
        onPick={picked => set('cache', picked === 'no' ? false : null)}
      />
    </>
  );
}

export function MachineFields({ step }: { step: IStep }) {
  const t = useT();
  const { set, error, readonly } = useSet(step);
  const resource = (name: 'cpu' | 'mem' | 'gpu', label: string, placeholder: string) => (
    <TextEntry
      label={label}
      text={step.resources[name] === undefined ? '' : String(step.resources[name])}
      placeholder={placeholder}
      error={error('resources', name) ?? (name === 'cpu' ? error('resources') : null)}
      disabled={readonly}
      soon={always}
      onCommit={(typed, merge) => {
        const others = without(step.resources, name);
        set('resources', typed.trim() === '' ? others : { ...others, [name]: amount(typed) }, merge);
      }}
    />
  );
  return (
    <>
      <div className="jmo-fields-row">
        {resource('cpu', t('CPUs'), '1')}
        {resource('mem', t('Memory'), '4G')}
        {resource('gpu', t('GPUs'), '0')}
      </div>
      <TextEntry
        label={t('Environment')}
        mono
        lines={2}
        placeholder="LEVEL=3"
        text={typedEnv(step.env)}
        error={error('env')}
        disabled={readonly}
        check={typed => enteredEnv(typed, t).error}
        onCommit={typed => {
          const found = enteredEnv(typed, t);
          if (found.error === null) {
            set('env', found.value ?? {});
          }
        }}
      />
    </>
  );
}
