/** Queries over runs: words, or a condition in SQL. Quick filters are clauses of the condition, so that one sees what is filtered. */
import type { IRunColumns, State } from '../contract';

/** The same test as the server's: with an operator in it, it is a condition. */
const CONDITION = /[=<>]|\b(?:like|ilike|in|between|is|and|or|not)\b/i;

export const isCondition = (query: string): boolean => CONDITION.test(query);

/** The columns that every run has, as a condition names them. */
export const OWN_COLUMNS = [
  ...['name', 'state', 'function', 'workflow', 'created', 'duration', 'started', 'ended', 'step', 'iteration', 'parent'],
  ...[
    'reason',
    'version',
    'attempt',
    'user',
    'host',
    'origin',
    'kernel',
    'python',
    'git_commit',
    'git_branch',
    'memory',
    'cpu',
    'id'
  ]
];

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A column's name as a condition has it. */
export const named = (key: string): string =>
  /^[a-z_][a-z0-9_]*$/i.test(key) && !RESERVED.has(key.toLowerCase()) ? key : `"${key.replaceAll('"', '""')}"`;

const RESERVED = new Set(
  'all and any as asc both case cast check collate column create default desc distinct do else end except false for from group having in initially intersect into is lateral leading like limit not null offset on only or order primary references returning select some table then to trailing true union unique user using when where window with'.split(
    ' '
  )
);

// --- clauses ---

/**
 * The conditions that all must hold, or null when there is an OR among them.
 *
 * Quotes, brackets and `BETWEEN a AND b` are kept together.
 */
export function clauses(condition: string): string[] | null {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  let between = false;
  for (const token of condition.matchAll(/'(?:[^']|'')*'?|"(?:[^"]|"")*"?|[()]|\b\w+\b/g)) {
    const [word] = token;
    depth += word === '(' ? 1 : word === ')' ? -1 : 0;
    if (depth > 0) {
      continue;
    }
    switch (word.toLowerCase()) {
      case 'or':
        return null;
      case 'between':
        between = true;
        break;
      case 'and':
        if (!between) {
          parts.push(condition.slice(start, token.index).trim());
          start = token.index + word.length;
        }
        between = false;
    }
  }
  return [...parts, condition.slice(start).trim()].filter(part => part !== '');
}

/** A query as clauses of a condition; words become a condition that finds the same. */
function asClauses(query: string): string[] {
  const text = query.trim();
  if (text === '') {
    return [];
  }
  if (!isCondition(text)) {
    return text
      .split(/\s+/)
      .map(word => `concat_ws(' ', id, name, function, workflow, step, state) ILIKE ${literal(`%${word}%`)}`);
  }
  return clauses(text) ?? [`(${text})`];
}

/** A query that also demands `clause`; in the form a person reads. */
export const and = (query: string, clause: string): string => [...asClauses(query), clause].join(' AND ');

/** The same for a condition of ours, whatever the query holds: an OR, or a comment at its end. */
export function within(query: string, clause: string): string {
  const text = query.trim();
  return text === '' ? clause : `(${isCondition(text) ? text : asClauses(text).join(' AND ')}\n) AND ${clause}`;
}

// --- quick filters ---

export type FilterKind = 'state' | 'function' | 'workflow' | 'tag' | 'time';

const TIMES: Record<string, string> = { hour: '1 HOUR', day: '1 DAY', week: '7 DAY', month: '30 DAY' };
const UTC_NOW = "(now() AT TIME ZONE 'UTC')"; // times are kept in UTC, without a zone

const FORM: Record<FilterKind, RegExp> = {
  state: /^state\s*(?:=|in)\s*\(?\s*'/i,
  function: /^function\s*(?:=|in)\s*\(?\s*'/i,
  workflow: /^workflow\s*(?:=|in)\s*\(?\s*'/i,
  tag: /^id\s+in\s*\(select run from tags where /i,
  time: /^created\s*>\s*\(now\(\) at time zone 'utc'\) - interval /i
};

/** The clause that a quick filter stands for. A tag is `key=value`, a time one of `hour day week month`. */
export function clauseOf(kind: FilterKind, values: string[]): string {
  switch (kind) {
    case 'tag':
      return `id IN (SELECT run FROM tags WHERE ${values.map(tagged).join(' OR ')})`;
    case 'time':
      return `created > ${UTC_NOW} - INTERVAL ${TIMES[values[0]]}`;
    default:
      return values.length === 1 ? `${kind} = ${literal(values[0])}` : `${kind} IN (${values.map(literal).join(', ')})`;
  }
}

/** The runs that have a tag, with this value or any. */
export const tagClause = (key: string, value: string | null = null): string =>
  `id IN (SELECT run FROM tags WHERE ${keyed(key, value)})`;

const keyed = (key: string, value: string | null): string =>
  `key = ${literal(key)}${value === null ? '' : ` AND value = ${literal(value)}`}`;

function tagged(tag: string): string {
  const [key, ...rest] = tag.split('=');
  // with more than one sign, only both together tell where the key ends
  return rest.length > 1 ? `key || '=' || value = ${literal(tag)}` : keyed(key, rest[0] || null);
}

/** What a quick filter has chosen in this query; empty when it isn't there. */
export function filtered(query: string, kind: FilterKind): string[] {
  const clause = isCondition(query) ? (clauses(query) ?? []).find(part => FORM[kind].test(part)) : undefined;
  if (clause === undefined) {
    return [];
  }
  if (kind === 'time') {
    const said = clause.replace(FORM.time, '').trim().toUpperCase();
    return Object.keys(TIMES).filter(name => TIMES[name] === said);
  }
  if (kind === 'tag') {
    const pairs = clause.matchAll(
      /key (?:= '((?:[^']|'')*)'(?: AND value = '((?:[^']|'')*)')?|\|\| '=' \|\| value = '((?:[^']|'')*)')/gi
    );
    return [...pairs].map(([, key, value, both]) =>
      [both ?? key, value]
        .filter(part => part !== undefined)
        .join('=')
        .replaceAll("''", "'")
    );
  }
  return [...clause.matchAll(/'((?:[^']|'')*)'/g)].map(([, value]) => value.replaceAll("''", "'"));
}

/** The query with a quick filter set to these values; without it when there are none. */
export function filter(query: string, kind: FilterKind, values: string[]): string {
  const text = query.trim();
  const parts = isCondition(text) ? (clauses(text) ?? [`(${text})`]) : null;
  if (values.length === 0) {
    return parts === null ? text : parts.filter(part => !FORM[kind].test(part)).join(' AND ');
  }
  const clause = clauseOf(kind, values);
  const at = parts?.findIndex(part => FORM[kind].test(part)) ?? -1;
  return parts !== null && at >= 0 ? parts.map((part, index) => (index === at ? clause : part)).join(' AND ') : and(text, clause);
}

// --- completion ---

export interface ISuggestion {
  text: string;
  /** Where it comes from: a section of columns, `state`, or `word` of the language. */
  from: 'about' | 'results' | 'params' | 'state' | 'word';
}

const STATES: State[] = ['pending', 'running', 'completed', 'error', 'aborting', 'aborted', 'skipped', 'cached'];
const WORDS = ['AND', 'OR', 'NOT', 'LIKE', 'ILIKE', 'IN', 'BETWEEN', 'IS NULL', 'IS NOT NULL'];

/** What may stand where the caret is, and which part of the text it would take the place of. */
export function suggest(query: string, caret: number, known: IRunColumns): { from: number; options: ISuggestion[] } {
  const before = query.slice(0, caret);
  const inQuotes = (before.match(/'/g)?.length ?? 0) % 2 === 1;
  const state = /\bstate\s*(?:=|<>|!=|in\s*\()\s*(?:'[a-z]*'\s*,\s*)*('?[a-z]*)$/i.exec(before);
  if (state) {
    const typed = state[1].replace("'", '').toLowerCase();
    const options = STATES.filter(name => name.startsWith(typed)).map(name => ({ text: `'${name}'`, from: 'state' as const }));
    return { from: caret - state[1].length, options };
  }
  const typed = /[a-z_][\w.]*$/i.exec(before)?.[0] ?? '';
  if (inQuotes || typed === '') {
    return { from: caret, options: [] };
  }
  const low = typed.toLowerCase();
  const fits = (name: string): boolean => name.toLowerCase().includes(low);
  const rank = (name: string): number => (name.toLowerCase().startsWith(low) ? 0 : 1);
  const taken = new Set(OWN_COLUMNS);
  const options: ISuggestion[] = [
    ...known.results.filter(key => fits(key) && !taken.has(key)).map(key => ({ text: named(key), from: 'results' as const })),
    ...known.params
      .filter(key => fits(key) && !taken.has(key) && !known.results.includes(key))
      .map(key => ({ text: named(key), from: 'params' as const })),
    ...OWN_COLUMNS.filter(fits).map(key => ({ text: key, from: 'about' as const })),
    ...(isCondition(query)
      ? WORDS.filter(word => word.toLowerCase().startsWith(low)).map(text => ({ text, from: 'word' as const }))
      : [])
  ];
  const others = options.filter(option => option.text.toLowerCase() !== low);
  return { from: caret - typed.length, options: others.sort((a, b) => rank(a.text) - rank(b.text)).slice(0, 8) };
}

/** The text and the caret after a suggestion was taken. */
export function complete(query: string, from: number, caret: number, suggestion: ISuggestion): { query: string; caret: number } {
  const made = `${query.slice(0, from)}${suggestion.text} `;
  return { query: made + query.slice(caret).trimStart(), caret: made.length };
}

/** Whether a query is still being written: asking it now would find nothing or be refused. */
export function isUnfinished(query: string, known: IRunColumns): boolean {
  const text = query.trim();
  const bare = text.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, 'x');
  const open = /['"]/.test(bare) || bare.split('(').length !== bare.split(')').length;
  if (open || /(?:[=<>!,]|\b(?:and|or|not|in|like|ilike|between|is))$/i.test(bare)) {
    return true;
  }
  const last = (isCondition(text) ? (clauses(text) ?? []) : [text]).at(-1) ?? '';
  return [...known.results, ...known.params].some(key => last === key || last === named(key));
}
