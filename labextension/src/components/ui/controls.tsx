import { Search, X, type LucideIcon } from 'lucide-react';
import { forwardRef, useId, type ButtonHTMLAttributes, type ReactNode } from 'react';
import { useT } from '../surroundings';

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { icon?: LucideIcon; look?: 'plain' | 'primary' | 'danger' };

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { icon: Glyph, look = 'plain', children, className = '', ...rest },
  ref
) {
  return (
    <button ref={ref} type="button" className={`jmo-button jmo-${look} ${className}`} {...rest}>
      {Glyph ? <Glyph size={13} strokeWidth={2} aria-hidden /> : null}
      {children}
    </button>
  );
});

type IconButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { icon: LucideIcon; label: string };

/** A button that is only a sign; `label` is its name and tooltip. */
export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
  { icon: Glyph, label, className = '', ...rest },
  ref
) {
  return (
    <button ref={ref} type="button" className={`jmo-icon-button ${className}`} title={label} aria-label={label} {...rest}>
      <Glyph size={14} strokeWidth={2} aria-hidden />
    </button>
  );
});

export function SearchField(props: { value: string; onChange(value: string): void; label: string; className?: string }) {
  const t = useT();
  return (
    <div className={`jmo-search ${props.className ?? ''}`}>
      <Search size={13} aria-hidden />
      <input
        type="text"
        role="searchbox"
        aria-label={props.label}
        placeholder={props.label}
        value={props.value}
        onChange={event => props.onChange(event.target.value)}
        onKeyDown={event => event.key === 'Escape' && props.value && (event.stopPropagation(), props.onChange(''))}
      />
      {props.value ? <IconButton icon={X} label={t('Clear')} onClick={() => props.onChange('')} /> : null}
    </div>
  );
}

export interface ITab<K extends string> {
  key: K;
  label: string;
  icon?: LucideIcon;
  count?: number;
}

/** Tabs, or with `look="segments"` a switch; arrow keys, Home and End walk through them. */
export function Tabs<K extends string>(props: {
  tabs: ITab<K>[];
  value: K;
  onChange(key: K): void;
  label: string;
  look?: 'tabs' | 'segments';
}) {
  const at = props.tabs.findIndex(tab => tab.key === props.value);
  const go = (to: number) => {
    const next = props.tabs[(to + props.tabs.length) % props.tabs.length];
    props.onChange(next.key);
    document.getElementById(`${id}-${next.key}`)?.focus();
  };
  const id = useId();
  const keys: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
  return (
    <div
      className={props.look === 'segments' ? 'jmo-segments' : 'jmo-tabs'}
      role="tablist"
      aria-label={props.label}
      onKeyDown={event => event.key in keys && (event.preventDefault(), go(keys[event.key]))}
    >
      {props.tabs.map(({ key, label, icon: Glyph, count }) => (
        <button
          key={key}
          id={`${id}-${key}`}
          type="button"
          role="tab"
          aria-selected={key === props.value}
          tabIndex={key === props.value ? 0 : -1}
          onClick={() => props.onChange(key)}
        >
          {Glyph ? <Glyph size={13} aria-hidden /> : null}
          {label}
          {count === undefined ? null : <span className="jmo-muted"> {count}</span>}
        </button>
      ))}
    </div>
  );
}

/** A labelled control with help and an error. The child gets the id that the label points to. */
export function Field(props: {
  label: string;
  type?: string | null;
  help?: string;
  error?: string | null;
  children(ids: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }): ReactNode;
}) {
  const id = useId();
  const described = props.error ? `${id}-error` : props.help ? `${id}-help` : undefined;
  return (
    <div className="jmo-field">
      <label className="jmo-field-label" htmlFor={id}>
        {props.label}
        {props.type ? <span className="jmo-mono">{props.type}</span> : null}
      </label>
      {props.children({ id, 'aria-describedby': described, 'aria-invalid': props.error ? true : undefined })}
      {props.error ? (
        <span className="jmo-field-error" id={`${id}-error`}>
          {props.error}
        </span>
      ) : props.help ? (
        <span className="jmo-field-help" id={`${id}-help`}>
          {props.help}
        </span>
      ) : null}
    </div>
  );
}
