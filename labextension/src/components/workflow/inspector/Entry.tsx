/** A field with its label, a sign for what else can be done, help and problem. */
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

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
  /** Whether what is typed counts after a pause already, so that what is wrong with it is said while one types. */
  soon?(typed: string): boolean;
  /** Called on Enter and when one leaves, if it differs and is right. All of one visit to the field have the same `merge`. */
  onCommit(typed: string, merge: string): void;
}

/** How long somebody who types pauses before it counts. */
const PAUSE = 400;

/** Text that counts once one leaves it, or `soon`. Escape takes back what was typed; what is wrong stays to be corrected. */
export function TextEntry(props: ITextEntryProps) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const given = useRef(props.text);
  const visit = useRef({ number: 0, before: props.text, counted: false });
  if (given.current !== props.text) {
    given.current = props.text;
    if (typed !== null && !visit.current.counted) {
      setTyped(null);
    }
  }
  const wrong = typed === null ? null : (props.check?.(typed) ?? null);
  const say = (text: string) => props.onCommit(text, `entry ${id} ${visit.current.number}`);
  const commit = () => {
    if (typed === null || wrong) {
      return;
    }
    setTyped(null);
    visit.current.counted = false;
    if (typed !== props.text) {
      say(typed);
    }
  };
  const latest = useRef(() => {});
  latest.current = () => {
    if (typed !== null && !wrong && typed !== props.text && props.soon?.(typed)) {
      visit.current.counted = true;
      say(typed);
    }
  };
  useEffect(() => {
    if (typed === null) {
      return undefined;
    }
    const timer = setTimeout(() => latest.current(), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !(props.lines && !event.ctrlKey)) {
      event.preventDefault();
      commit();
    } else if (event.key === 'Escape' && typed !== null) {
      event.stopPropagation();
      setTyped(null);
      if (visit.current.counted) {
        visit.current.counted = false;
        say(visit.current.before);
      }
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
          onFocus: () => {
            visit.current = { number: visit.current.number + 1, before: props.text, counted: false };
          },
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
