/** Steps as a piece of text: for the clipboard, and to double them. */
import { read } from './document';
import { move, type Place } from './edits';
import { freshName } from './names';
import { renameSteps } from './renames';
import { Source, Unreadable } from './source';
import { valueOf, written } from './values';

/** Steps as YAML that `paste` (or a person) can put into a workflow. */
export function copySteps(text: string, names: readonly string[]): string {
  const source = Source.of(text);
  const steps = source.keys(['steps']).filter(name => names.includes(name));
  const places = source.keys(['layout']).filter(name => steps.includes(name));
  const lines = [
    'steps:',
    ...steps.map(name => rawPair(source, ['steps', name], 2)),
    ...(places.length ? ['layout:', ...places.map(name => rawPair(source, ['layout', name], 2))] : [])
  ];
  return `${lines.join('\n')}\n`;
}

/** Whether a text holds steps that can be pasted. */
export function isFragment(text: string): boolean {
  if (!/^steps:/m.test(text)) {
    return false;
  }
  const { doc } = read(text);
  return doc !== null && doc.steps.length > 0 && doc.steps.every(step => step.function !== null || step.workflow !== null);
}

/**
 * Put copied steps into a workflow, under free names; references among them follow, others stay.
 *
 * `names` says how each is called now. With `shift` they're put that far from where they were.
 */
export function paste(text: string, fragment: string, shift: Place | null): { text: string; names: Record<string, string> } {
  const taken = new Set(Source.of(text).keys(['steps']));
  const own = Source.of(fragment).keys(['steps']);
  const names: Record<string, string> = {};
  for (const name of own) {
    const free = [...taken, ...own.filter(other => other !== name), ...Object.values(names)];
    names[name] = freshName(free, name);
  }
  const renamed = renameSteps(fragment, names);
  const source = Source.of(renamed);
  let pasted = insertRaw(text, Object.values(names), source);
  const places = Object.entries(read(renamed).doc?.layout ?? {}).filter(([name]) => Object.values(names).includes(name));
  if (shift && places.length) {
    pasted = move(pasted, Object.fromEntries(places.map(([name, [x, y]]) => [name, [x + shift[0], y + shift[1]]])));
  }
  return { text: pasted, names };
}

function insertRaw(text: string, names: string[], from: Source): string {
  // made as an empty step first, wherever steps stand; then the text of all takes that place
  const MARK = 'JMO_STEP';
  const [first] = names;
  const made = Source.of(text).put(['steps', first], MARK);
  const source = Source.of(made);
  const pair = source.pair(['steps', first]);
  if (!pair) {
    throw new Unreadable({ text: `${first} can’t be put into this text.`, step: first, line: null, field: null });
  }
  const column = source.column(pair);
  const mark = `${first}: ${MARK}`;
  const start = made.indexOf(mark);
  const inFlow = made.slice(made.lastIndexOf('\n', start) + 1, start).trim() !== '';
  const raw = inFlow
    ? names.map(name => `${name}: ${flowOf(from, name)}`).join(', ')
    : names
        .map(name => rawPair(from, ['steps', name], column))
        .join('\n')
        .trimStart();
  return made.slice(0, start) + raw + made.slice(start + mark.length);
}

/** The lines of a pair as they stand, indented to a column. */
function rawPair(source: Source, path: string[], column: number): string {
  const pair = source.pair(path);
  if (!pair) {
    return '';
  }
  const indent = source.column(pair);
  const { start } = source.lineSpan(pair);
  const first = source.text.slice(start + indent, source.end(pair));
  const by = ' '.repeat(column);
  return first
    .split('\n')
    .map((line, at) => (at === 0 ? by + line : line.trim() === '' ? '' : by + line.slice(Math.min(indent, line.search(/\S/)))))
    .join('\n');
}

/** A step in one line, for groups that are written in one. */
function flowOf(source: Source, name: string): string {
  return written(valueOf(source.node(['steps', name])));
}
