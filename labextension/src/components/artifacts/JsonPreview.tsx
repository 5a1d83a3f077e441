/** JSON as a tree that opens and closes. */
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { ITextPreview, Json } from '../../model/contract';
import { useT } from '../surroundings';
import { Cut, NothingInIt, WithText } from './TextPreview';

export const JsonPreview = ({ uid }: { uid: string }) => <WithText uid={uid}>{found => <JsonText found={found} />}</WithText>;

/** Text that should be JSON: a tree, or the text itself when it is cut or broken. */
export function JsonText({ found }: { found: ITextPreview }) {
  if (found.size === 0) {
    return <NothingInIt />;
  }
  const value = parsed(found.text);
  return (
    <div className="jmo-artifact-page">
      <Cut found={found} />
      {value === undefined ? (
        <pre className="jmo-log" tabIndex={0}>
          {found.text}
        </pre>
      ) : (
        <JsonTree value={value} />
      )}
    </div>
  );
}

export function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export const JsonTree = ({ value }: { value: Json }) => (
  <div className="jmo-json">
    <Branch name={null} value={value} depth={0} />
  </div>
);

const MANY = 100;

/** What JSON has no form for, as a date or a set, is kept as `{"$": type, "v": value}`. */
function untagged(value: Json): { type: string | null; value: Json } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { $: type, v, ...rest } = value;
    if (typeof type === 'string' && v !== undefined && Object.keys(rest).length === 0) {
      return { type, value: v };
    }
  }
  return { type: null, value };
}

function Branch({ name, value: kept, depth }: { name: string | null; value: Json; depth: number }) {
  const t = useT();
  const { type, value } = untagged(kept);
  const [open, setOpen] = useState(depth < 2);
  const [limit, setLimit] = useState(MANY);
  const label = (
    <>
      {name === null ? null : <span className="jmo-json-key">{name}: </span>}
      {type === null ? null : <span className="jmo-muted">{type} </span>}
    </>
  );
  if (typeof value !== 'object' || value === null) {
    return (
      <div className="jmo-json-leaf">
        {label}
        <span className={`jmo-json-${value === null ? 'null' : typeof value}`}>{JSON.stringify(value)}</span>
      </div>
    );
  }
  const list = Array.isArray(value);
  const entries: [string, Json][] = list ? value.map((item, at) => [String(at), item]) : Object.entries(value);
  return (
    <div>
      <button type="button" className="jmo-json-branch" aria-expanded={open} onClick={() => setOpen(!open)}>
        <ChevronRight size={12} aria-hidden />
        {label}
        <span className="jmo-muted">{list ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </button>
      {open ? (
        <div className="jmo-json-inner">
          {entries.slice(0, limit).map(([key, item]) => (
            <Branch key={key} name={key} value={item} depth={depth + 1} />
          ))}
          {entries.length > limit ? (
            <button type="button" className="jmo-link" onClick={() => setLimit(limit + 10 * MANY)}>
              {t('%1 more', entries.length - limit)}
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
