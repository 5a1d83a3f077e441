/** A field with its label, a sign for what else can be done, help and problem. */
import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

export interface IIds {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean;
}

export function Entry(props: {
  label: string;
  type?: string | null;
  required?: boolean;
  help?: string;
  error?: string | null;
  /** Beside the label. */
  action?: ReactNode;
  children(ids: IIds): ReactNode;
}) {
  const id = useId();
  const said = props.error ?? props.help ?? '';
  return (
    <div className="jmo-field jmo-entry">
      <div className="jmo-entry-head">
        <label className="jmo-field-label" htmlFor={id}>
          <span>{props.label}</span>
          {props.required ? <span aria-hidden>*</span> : null}
          {props.type ? <span className="jmo-mono jmo-clip">{props.type}</span> : null}
        </label>
        {props.action}
      </div>
      {props.children({
        id,
        'aria-describedby': said ? `${id}-said` : undefined,
        'aria-invalid': props.error ? true : undefined
      })}
      {said ? (
        <span id={`${id}-said`} className={props.error ? 'jmo-field-error' : 'jmo-field-help'}>
          {said}
        </span>
      ) : null}
    </div>
  );
}

export interface ITextEntryProps {
  label: string;
  type?: string | null;
  required?: boolean;
  help?: string;
  /** What is wrong with what is there. */
  error?: string | null;
  action?: ReactNode;
  text: string;
  placeholder?: string;
  mono?: boolean;
  lines?: number;
  disabled?: boolean;
  /** What is wrong with what is typed, or null. */
  check?(typed: string): string | null;
  /** Called on Enter and when one leaves, if it differs and is right. */
  onCommit(typed: string): void;
}

/** Text that counts once one leaves it. Escape takes back what was typed; what is wrong stays to be corrected. */
export function TextEntry(props: ITextEntryProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const given = useRef(props.text);
  if (given.current !== props.text) {
    given.current = props.text;
    if (typed !== null) {
      setTyped(null);
    }
  }
  const wrong = typed === null ? null : (props.check?.(typed) ?? null);
  const commit = () => {
    if (typed === null || wrong) {
      return;
    }
    setTyped(null);
    if (typed !== props.text) {
      props.onCommit(typed);
    }
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !(props.lines && !event.ctrlKey)) {
      event.preventDefault();
      commit();
    } else if (event.key === 'Escape' && typed !== null) {
      event.stopPropagation();
      setTyped(null);
    } else if ((event.ctrlKey || event.metaKey) && ['z', 'y'].includes(event.key.toLowerCase())) {
      event.stopPropagation(); // of the text, not of the workflow
    }
  };
  return (
    <Entry {...props} error={wrong ?? props.error}>
      {ids => {
        const common = {
          ...ids,
          className: props.mono ? 'jmo-input jmo-mono' : 'jmo-input',
          value: typed ?? props.text,
          placeholder: props.placeholder,
          disabled: props.disabled,
          spellCheck: false,
          autoComplete: 'off',
          onBlur: commit,
          onKeyDown: onKey
        };
        return props.lines ? (
          <textarea {...common} rows={props.lines} onChange={event => setTyped(event.target.value)} />
        ) : (
          <input type="text" {...common} onChange={event => setTyped(event.target.value)} />
        );
      }}
    </Entry>
  );
}

export function SelectEntry(props: {
  label: string;
  type?: string | null;
  required?: boolean;
  help?: string;
  error?: string | null;
  action?: ReactNode;
  value: string;
  options: readonly { value: string; label: string }[];
  disabled?: boolean;
  onPick(value: string): void;
}) {
  return (
    <Entry {...props}>
      {ids => (
        <select
          {...ids}
          className="jmo-input"
          value={props.value}
          disabled={props.disabled}
          onChange={event => props.onPick(event.target.value)}
        >
          {props.options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Entry>
  );
}
