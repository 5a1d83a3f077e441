/** The query: what is typed is asked after a pause; names of columns are suggested; a refusal is said below. */
import { CircleHelp, Search, X } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import type { IRunColumns } from '../../model/contract';
import { complete, isUnfinished, suggest, type ISuggestion } from '../../model/runs/query';
import { useT } from '../surroundings';
import { IconButton, WithPopover } from '../ui';
import { QueryHelp } from './QueryHelp';

const PAUSE = 450; // milliseconds without typing

interface IQueryFieldProps {
  field: RefObject<HTMLInputElement>;
  value: string;
  /** The beginning of a query for somebody to end; it isn't asked. */
  draft: { text: string } | null;
  onChange(query: string): void;
  columns: IRunColumns;
  /** Why the query can't be answered. */
  error: string | null;
}

export function QueryField({ field, value, draft, onChange, columns, error }: IQueryFieldProps) {
  const t = useT();
  const id = useId();
  const [text, setText] = useState(value);
  const [offer, setOffer] = useState<{ from: number; options: ISuggestion[]; at: number } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (draft !== null) {
      setText(draft.text);
      field.current?.focus();
    }
  }, [draft, field]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const ask = (query: string): void => {
    clearTimeout(timer.current);
    onChange(query);
  };
  const type = (query: string, caret: number): void => {
    setText(query);
    const { from, options } = suggest(query, caret, columns);
    setOffer(options.length > 0 ? { from, options, at: -1 } : null);
    clearTimeout(timer.current);
    if (!isUnfinished(query, columns)) {
      timer.current = setTimeout(() => onChange(query), PAUSE);
    }
  };
  const take = (option: ISuggestion): void => {
    const caret = field.current?.selectionStart ?? text.length;
    const made = complete(text, offer?.from ?? caret, caret, option);
    type(made.query, made.caret);
    setOffer(null);
    requestAnimationFrame(() => field.current?.setSelectionRange(made.caret, made.caret));
  };
  const keys = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    if (offer && event.key in steps) {
      event.preventDefault();
      const count = offer.options.length + 1; // one place is the field itself
      setOffer({ ...offer, at: ((offer.at + 1 + steps[event.key] + count) % count) - 1 });
    } else if (offer && offer.at >= 0 && (event.key === 'Enter' || event.key === 'Tab')) {
      event.preventDefault();
      take(offer.options[offer.at]);
    } else if (event.key === 'Enter') {
      setOffer(null);
      ask(text);
    } else if (event.key === 'Escape' && (offer || text)) {
      event.stopPropagation();
      if (!offer) {
        setText('');
        ask('');
      }
      setOffer(null);
    }
  };
  return (
    <div className="jmo-runs-query" onBlur={event => event.currentTarget.contains(event.relatedTarget) || setOffer(null)}>
      <div className="jmo-search" data-invalid={error !== null}>
        <Search size={13} aria-hidden />
        <input
          ref={field}
          type="text"
          role="combobox"
          aria-expanded={offer !== null}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={offer && offer.at >= 0 ? `${id}-${offer.at}` : undefined}
          aria-label={t('Query')}
          aria-invalid={error !== null}
          aria-describedby={error === null ? undefined : `${id}-error`}
          placeholder={t('Search, or accuracy > 0.9')}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={event => type(event.target.value, event.target.selectionStart ?? event.target.value.length)}
          onKeyDown={keys}
        />
        {text ? <IconButton icon={X} label={t('Clear the query')} onClick={() => ask('')} /> : null}
        <WithPopover
          label={t('How to query')}
          className="jmo-runs-help"
          button={button => <IconButton icon={CircleHelp} label={t('How to query')} {...button} />}
        >
          {close => (
            <QueryHelp
              columns={columns}
              onTake={query => {
                close();
                ask(query);
              }}
            />
          )}
        </WithPopover>
      </div>
      <div id={`${id}-list`} className="jmo-menu jmo-runs-offer" role="listbox" aria-label={t('Suggestions')} hidden={!offer}>
        {offer?.options.map((option, at) => (
          <div
            key={option.text}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === offer.at}
            onPointerDown={event => {
              event.preventDefault();
              take(option);
            }}
          >
            <span className="jmo-mono">{option.text}</span>
            <span className="jmo-muted">{originOf(option, t)}</span>
          </div>
        ))}
      </div>
      {error === null ? null : (
        <p id={`${id}-error`} className="jmo-field-error jmo-runs-query-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function originOf(option: ISuggestion, t: (text: string) => string): string {
  const words = { about: t('run'), results: t('result'), params: t('param'), state: t('state'), word: '' };
  return words[option.from];
}
