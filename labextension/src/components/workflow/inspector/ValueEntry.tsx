/** A value of a step: something that is typed, or a reference to a parameter, an output, an artifact. */
import { Link2, X } from 'lucide-react';
import { useCallback } from 'react';
import type { IParameter, Value } from '../../../model/contract';
import { pythonOf } from '../../../model/workflow/literals';
import { referenceOf } from '../../../model/workflow/values';
import { useT } from '../../surroundings';
import { IconButton, WithPopover } from '../../ui';
import { Entry, SelectEntry, TextEntry } from './Entry';
import { ownOption, type IOption } from './options';
import { ReferencePicker } from './ReferencePicker';
import { entered, enteredList, typedList, typedOf } from './typed';

export interface IValueEntryProps {
  label: string;
  type?: string | null;
  required?: boolean;
  help?: string;
  error?: string | null;
  control: IParameter['control'];
  choices?: Value[] | null;
  /** As shown while nothing is given. */
  fallback?: string | null;
  value: Value | undefined;
  options: readonly IOption[];
  /** Whether it is a list, whose items are typed without brackets. */
  list?: boolean;
  /** Whether paths are values, too, and several references make a list: an input. */
  input?: boolean;
  disabled?: boolean;
  /** undefined takes it away. */
  onSet(value: Value | undefined, merge?: string): void;
  /** Called when the list of references is opened. */
  onOpen?(): void;
}

export function ValueEntry(props: IValueEntryProps) {
  const t = useT();
  const { value, control, choices, input = false, list = false } = props;
  const parse = (typed: string) => (list ? enteredList(typed, t) : entered(typed, control, t));
  const items = linked(value, input);
  const own = useCallback((query: string) => ownOption(query, input, t), [input, t]);
  const pick = ({ value: picked }: IOption) =>
    props.onSet(input && items?.length && referenceOf(picked) ? one([...items.filter(item => item !== picked), picked]) : picked);
  const action = props.disabled ? null : (
    <WithPopover
      label={t('Refer to')}
      className="jmo-refer-box"
      button={button => (
        <IconButton
          icon={Link2}
          label={t('Refer to something for %1', props.label)}
          {...button}
          onClick={() => (props.onOpen?.(), button.onClick())}
        />
      )}
    >
      {close => (
        <ReferencePicker
          options={props.options}
          label={input ? t('Output, artifact or path') : t('Parameter or output')}
          own={own}
          onPick={option => (close(), pick(option))}
        />
      )}
    </WithPopover>
  );
  if (items) {
    return (
      <Entry {...props} action={action}>
        {ids => (
          <div className="jmo-refs" {...ids} role="group" aria-label={props.label}>
            {items.map(item => (
              <Chip
                key={item}
                text={item}
                disabled={props.disabled}
                onRemove={() => props.onSet(one(items.filter(other => other !== item)))}
              />
            ))}
          </div>
        )}
      </Entry>
    );
  }
  if (control === 'bool' || (control === 'choice' && choices)) {
    const all = control === 'bool' ? [true, false] : (choices ?? []);
    return (
      <SelectEntry
        {...props}
        action={action}
        value={value === undefined ? '' : pythonOf(value)}
        options={offered(all, value, props.fallback ?? null, t)}
        onPick={picked => props.onSet(picked === '' ? undefined : all.find(each => pythonOf(each) === picked))}
      />
    );
  }
  return (
    <TextEntry
      {...props}
      action={action}
      mono={control !== 'str'}
      text={list ? typedList(value) : typedOf(value, control)}
      placeholder={props.fallback ?? (props.required ? t('Required') : '')}
      check={typed => parse(typed).error}
      // a reference turns into a sign of its own, and nothing at all may take the field away: not while one types
      soon={typed => typed.trim() !== '' && !typed.includes('${')}
      onCommit={(typed, merge) => {
        const found = parse(typed);
        if (found.error === null) {
          props.onSet(found.value, merge);
        }
      }}
    />
  );
}

function offered(all: readonly Value[], value: Value | undefined, fallback: string | null, t: (text: string) => string) {
  const other = value !== undefined && !all.some(each => pythonOf(each) === pythonOf(value)) ? [value] : [];
  return [
    { value: '', label: fallback ?? t('Choose…') },
    ...[...all, ...other].map(each => ({ value: pythonOf(each), label: typeof each === 'string' ? each : pythonOf(each) }))
  ];
}

/** The references of a value that is nothing else: one, or of an input a list of them; else null. */
function linked(value: Value | undefined, input: boolean): string[] | null {
  if (typeof value === 'string' && (referenceOf(value) || (input && value.startsWith('store://')))) {
    return [value];
  }
  return Array.isArray(value) && value.length && value.every(item => referenceOf(item)) ? (value as string[]) : null;
}

const one = (items: string[]): Value | undefined => (items.length > 1 ? items : items[0]);

export function Chip({ text, disabled = false, onRemove }: { text: string; disabled?: boolean; onRemove(): void }) {
  const t = useT();
  const found = referenceOf(text);
  const said = found ? `${found.step === 'params' ? '' : `${found.step}.`}${found.output}` : text.replace(/^store:\/\//, '');
  return (
    <span className={found?.step === 'params' ? 'jmo-ref jmo-ref-param' : 'jmo-ref'} title={text}>
      <span className="jmo-clip">{said}</span>
      {disabled ? null : <IconButton icon={X} label={t('Remove %1', said)} onClick={onRemove} />}
    </span>
  );
}
