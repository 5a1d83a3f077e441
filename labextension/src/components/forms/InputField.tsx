/** An input: an artifact that is found by typing, or the path of a file. */
import { ChevronsUpDown } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { IArtifactGroup, IArtifactRow, IInput } from '../../model/contract';
import { ago, bytes, date } from '../../model/format';
import { offers, type IOffer } from '../../model/forms/offers';
import { useBackend, useT } from '../surroundings';
import { Field, KindGlyph } from '../ui';

interface IInputFieldProps {
  input: IInput;
  groups: IArtifactGroup[];
  text: string;
  error: string | null;
  onChange(text: string): void;
}

export function InputField({ input, groups, text, error, onChange }: IInputFieldProps) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const versions = useVersions(groups, text, open);
  const found = offers(input, groups, text, versions);
  const kind = groups.find(({ key }) => key === text.split(':')[0])?.kind ?? 'dataset';
  const choose = (offer: IOffer) => {
    onChange(offer.value);
    setOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setOpen(true);
      setAt(open && found.length > 0 ? (at + step + found.length) % found.length : 0);
    } else if (event.key === 'Enter' && open && found[at] && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      choose(found[at]);
    } else if (event.key === 'Escape' && open) {
      event.stopPropagation();
      setOpen(false);
    }
  };
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView?.({ block: 'nearest' });
  }, [at]);
  const type = [input.hint ?? t('input'), input.required ? t('needed') : null].filter(Boolean).join(' · ');
  return (
    <Field label={input.name} type={type} error={error} help={t('An artifact, or a file’s path')}>
      {ids => (
        <div className="jmo-combo" onBlur={event => event.currentTarget.contains(event.relatedTarget as Node) || setOpen(false)}>
          <span className={`jmo-combo-glyph jmo-kind-${kind}`}>
            <KindGlyph kind={kind} />
          </span>
          <input
            {...ids}
            className="jmo-input"
            role="combobox"
            aria-expanded={open}
            aria-controls={`${ids.id}-list`}
            aria-autocomplete="list"
            aria-required={input.required}
            aria-activedescendant={open && found[at] ? `${ids.id}-${at}` : undefined}
            autoComplete="off"
            spellCheck={false}
            value={text}
            placeholder={input.default ?? t('Choose…')}
            onChange={event => {
              onChange(event.target.value);
              setAt(0);
              setOpen(true);
            }}
            onClick={() => setOpen(true)}
            onKeyDown={onKeyDown}
          />
          <ChevronsUpDown size={12} className="jmo-combo-sign" aria-hidden />
          <ul
            ref={list}
            id={`${ids.id}-list`}
            className="jmo-combo-list"
            role="listbox"
            aria-label={t('Artifacts for %1', input.name)}
            hidden={!open}
          >
            {found.map((offer, index) => (
              <li
                key={offer.value}
                id={`${ids.id}-${index}`}
                role="option"
                aria-selected={index === at}
                onPointerDown={event => {
                  event.preventDefault(); // the focus stays in the field
                  choose(offer);
                }}
              >
                <Offer offer={offer} />
              </li>
            ))}
            {found.length === 0 ? (
              <li className="jmo-muted" role="option" aria-selected={false} aria-disabled>
                {text ? t('Taken as a file’s path') : t('No artifacts yet: write a file’s path')}
              </li>
            ) : null}
          </ul>
        </div>
      )}
    </Field>
  );
}

function Offer({ offer }: { offer: IOffer }) {
  const { artifact, isVersion } = offer;
  return (
    <>
      <span className={`jmo-row-glyph jmo-kind-${artifact.kind}`}>
        <KindGlyph kind={artifact.kind} />
      </span>
      <span className="jmo-clip">{isVersion ? date(artifact.created).slice(0, 16) : offer.value}</span>
      <span className="jmo-row-meta jmo-num">
        {isVersion ? artifact.tags.join(', ') || bytes(artifact.size) : `${bytes(artifact.size)} · ${ago(artifact.created)}`}
      </span>
    </>
  );
}

/** The versions of the key that is written, while one chooses. */
function useVersions(groups: IArtifactGroup[], text: string, open: boolean): IArtifactRow[] {
  const backend = useBackend();
  const [versions, setVersions] = useState<IArtifactRow[]>([]);
  const uid = groups.find(({ key, versions: many }) => key === text.trim() && many > 1)?.latest.uid ?? null;
  useEffect(() => {
    let gone = false;
    setVersions([]);
    if (uid !== null && open) {
      backend.call('artifacts.get', { uid }).then(
        found => gone || setVersions(found.versions),
        () => undefined // the keys are still there
      );
    }
    return () => {
      gone = true;
    };
  }, [backend, uid, open]);
  return versions;
}
