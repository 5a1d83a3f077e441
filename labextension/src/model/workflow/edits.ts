/** Changes of a workflow: from text to text, each leaving all else as it was typed. They throw what can't be done, for people to read. */
import type { Value } from '../contract';
import { type IStep, ON_EXIT, pathOf } from './document';
import { isMap, isScalar, isSeq, type ISplice, Source } from './source';
import { referenceOf, sameValue, valueOf, written } from './values';
import { isName } from './names';

export type Place = [x: number, y: number];

/** What a step calls. */
export type Called = { function: string } | { workflow: string };

/** The fields that `setField` knows. */
export type StepField = Exclude<keyof IStep, 'name' | 'line'>;

/** Add a step; `name` must be free (see `freshName`). */
export function addStep(text: string, name: string, called: Called, at?: Place): string {
  const [field, value] = 'function' in called ? ['function', called.function] : ['workflow', called.workflow];
  check(name, new Source(text).keys(['steps']));
  const added = new Source(text).put(['steps', name, field], written(value));
  return at ? move(added, { [name]: at }) : added;
}

/** Say what runs at the end, whatever happened. */
export function setOnExit(text: string, called: Called | null): string {
  const bare = new Source(text).take([ON_EXIT]);
  return called === null ? bare : new Source(bare).put([ON_EXIT], written({ ...called }));
}

/** Take steps away, with all references to them but those in conditions, which a person has to rewrite. */
export function removeSteps(text: string, names: readonly string[]): string {
  const gone = new Set(names);
  let left = text;
  for (const name of stepNames(new Source(text)).filter(name => !gone.has(name))) {
    left = forget(left, pathOf(name), gone);
  }
  left = prune(left, ['outputs'], gone);
  const kept = [...gone].filter(name => name !== ON_EXIT);
  left = removeAll(left, 'steps', new Set(kept));
  left = removeAll(left, 'layout', gone);
  return gone.has(ON_EXIT) ? new Source(left).take([ON_EXIT]) : left;
}

/** Give a step another name; all that refers to it follows. */
export function renameStep(text: string, name: string, to: string): string {
  if (name === to) {
    return text;
  }
  const source = new Source(text);
  check(to, source.keys(['steps']));
  return source.with([...renamedKeys(source, name, to), ...renamedReferences(source, name, to)]);
}

/** Set a field of a step; null, an empty text, list or group takes it away. Groups change key by key. */
export function setField(text: string, step: string, field: StepField, value: Value): string {
  const path = [...pathOf(step), field];
  const there = new Source(text).node(path);
  if (isGroup(value) && Object.keys(value).length && isMap(there)) {
    const before = valueOf(there) as Record<string, Value>;
    const goes = Object.keys(before).filter(key => !(key in value));
    const without = goes.reduce((left, key) => new Source(left).take([...path, key]), text);
    return Object.entries(value)
      .filter(([key, item]) => !sameValue(before[key], item))
      .reduce((changed, [key, item]) => new Source(changed).put([...path, key], written(item)), without);
  }
  return empty(value) ? new Source(text).take(path) : new Source(text).put(path, written(value));
}

/** Set one param, input, … of a step; null takes it away (write `{"$": "python", "v": "None"}` for None itself). */
export function setItem(
  text: string,
  step: string,
  group: 'params' | 'inputs' | 'foreach' | 'env' | 'resources',
  name: string,
  value: Value
): string {
  const path = [...pathOf(step), group, name];
  return value === null ? new Source(text).take(path) : new Source(text).put(path, written(value));
}

/** Set a parameter of the workflow; null takes it away. */
export function setParam(
  text: string,
  name: string,
  param: { default?: Value; type?: string | null; help?: string } | null
): string {
  if (param === null) {
    return new Source(text).take(['params', name]);
  }
  if (!/^[A-Za-z]\w*$/.test(name)) {
    throw new Error(`“${name}” can’t name a parameter: use letters, digits and _, and begin with a letter.`);
  }
  const { default: value } = param;
  const described: Record<string, Value> = value === undefined ? {} : { default: value };
  if (param.type) {
    described.type = param.type;
  }
  if (param.help) {
    described.help = param.help;
  }
  const bare = value !== undefined && Object.keys(described).length === 1 && !isGroup(value);
  const said = Object.keys(described).length === 0 ? { type: 'Any' } : bare ? value : described;
  return new Source(text).put(['params', name], written(said));
}

/** Give a parameter of the workflow another name; all that refers to it follows. */
export function renameParam(text: string, name: string, to: string): string {
  const source = new Source(text);
  const pair = source.pair(['params', name]);
  if (!/^[A-Za-z]\w*$/.test(to) || source.pair(['params', to])) {
    throw new Error(`“${to}” can’t name a parameter: use a free name of letters, digits and _.`);
  }
  return source.with([...(pair ? [scalarSplice(pair.key, to)] : []), ...renamedReferences(source, 'params', 'params', name, to)]);
}

export function setDescription(text: string, description: string): string {
  return description === ''
    ? new Source(text).take(['description'])
    : new Source(text).put(['description'], written(description));
}

/** Set what the workflow gives to one that calls it; null takes it away. */
export function setOutput(text: string, name: string, value: Value): string {
  return value === null ? new Source(text).take(['outputs', name]) : new Source(text).put(['outputs', name], written(value));
}

/** Put nodes somewhere; the others stay. One line a node, whole numbers. */
export function move(text: string, places: Record<string, Place>): string {
  const source = new Source(text);
  const map = source.node(['layout']);
  if (isMap(map) && !map.flow) {
    const known = Object.keys(places).filter(name => source.pair(['layout', name]));
    const moved = source.with(known.map(name => source.replaced(source.pair(['layout', name])!, placed(places[name]))));
    const added = Object.keys(places).filter(name => !known.includes(name));
    return added.reduce((left, name) => new Source(left).put(['layout', name], placed(places[name])), moved);
  }
  const before = (valueOf(map) ?? {}) as Record<string, Place>;
  return setLayout(text, { ...before, ...places });
}

/** Put all nodes somewhere, or with null leave it to the editor. */
export function setLayout(text: string, places: Record<string, Place> | null): string {
  if (places === null || Object.keys(places).length === 0) {
    return new Source(text).take(['layout']);
  }
  const lines = Object.entries(places).map(([name, place]) => `\n  ${name}: ${placed(place)}`);
  return new Source(text).put(['layout'], lines.join(''));
}

const placed = ([x, y]: Place): string => `[${Math.round(x) || 0}, ${Math.round(y) || 0}]`;

function stepNames(source: Source): string[] {
  const names = source.keys(['steps']);
  return source.node([ON_EXIT]) ? [...names, ON_EXIT] : names;
}

function check(name: string, taken: readonly string[]): void {
  if (!isName(name)) {
    throw new Error(`“${name}” can’t name a step: use a-z, 0-9 and _, begin with a letter, at most 63 characters.`);
  }
  if (taken.includes(name)) {
    throw new Error(`There is a step “${name}” already: choose another name.`);
  }
}

function removeAll(text: string, field: string, names: ReadonlySet<string>): string {
  const source = new Source(text);
  const map = source.node([field]);
  const goes = source.keys([field]).filter(name => names.has(name));
  if (!isMap(map) || goes.length === 0) {
    return text;
  }
  if (goes.length < map.items.length) {
    return source.with(source.removed(map, names));
  }
  return field === 'steps' ? source.put(['steps'], '{}') : source.take([field]);
}

/** A step without references to steps that are gone. */
function forget(text: string, path: string[], gone: ReadonlySet<string>): string {
  let left = text;
  for (const field of ['params', 'inputs', 'foreach']) {
    left = prune(left, [...path, field], gone);
  }
  const source = new Source(left);
  const after = valueOf(source.node([...path, 'after']));
  const names = Array.isArray(after) ? after : after === null ? [] : [after];
  const kept = names.filter(name => !gone.has(String(name)));
  if (kept.length === names.length) {
    return left;
  }
  return kept.length ? source.put([...path, 'after'], written(kept)) : source.take([...path, 'after']);
}

function prune(text: string, path: string[], gone: ReadonlySet<string>): string {
  const source = new Source(text);
  let left = text;
  for (const key of source.keys(path)) {
    const value = valueOf(source.node([...path, key]));
    const kept = without(value, gone);
    if (kept === undefined) {
      left = new Source(left).take([...path, key]);
    } else if (!sameValue(kept, value)) {
      left = new Source(left).put([...path, key], written(kept));
    }
  }
  return left;
}

/** A value without references to what is gone: undefined when nothing of it is left. */
function without(value: Value, gone: ReadonlySet<string>): Value | undefined {
  const found = referenceOf(value);
  if (found) {
    return gone.has(found.step) ? undefined : value;
  }
  if (!Array.isArray(value)) {
    return value;
  }
  const kept = value.map(item => without(item, gone)).filter(item => item !== undefined);
  return kept.length || value.length === 0 ? kept : undefined;
}

function renamedKeys(source: Source, name: string, to: string): ISplice[] {
  return [source.pair(['steps', name]), source.pair(['layout', name])].flatMap(pair =>
    pair ? [scalarSplice(pair.key, to)] : []
  );
}

/** What lets references, `after` and conditions follow a new name; of a parameter, `output` becomes `next`. */
function renamedReferences(source: Source, step: string, to: string, output?: string, next?: string): ISplice[] {
  const splices: ISplice[] = [];
  const visit = (node: unknown, change: (text: string) => string): void => {
    if (isMap(node)) {
      node.items.forEach(pair => visit(pair.value, change));
    } else if (isSeq(node)) {
      node.items.forEach(item => visit(item, change));
    } else if (isScalar(node) && typeof node.value === 'string' && change(node.value) !== node.value) {
      splices.push(scalarSplice(node, change(node.value), node.type === 'PLAIN'));
    }
  };
  const referring = (text: string): string => {
    const found = referenceOf(text);
    const mine = found?.step === step && (output === undefined || found.output === output);
    return mine ? `\${${to}.${next ?? found.output}}` : text;
  };
  for (const name of stepNames(source)) {
    const path = pathOf(name);
    for (const field of ['params', 'inputs', 'foreach', 'sweep']) {
      visit(source.node([...path, field]), referring);
    }
    visit(source.node([...path, 'after']), text => (text === step && output === undefined ? to : text));
    visit(source.node([...path, 'when']), text => renamedCondition(text, step, to, output, next));
  }
  visit(source.node(['outputs']), referring);
  return splices;
}

/** A condition after a step's (or a parameter's) new name; its quoted texts stay. */
export function renamedCondition(text: string, step: string, to: string, output?: string, next?: string): string {
  const word = output === undefined ? `${step}(?=\\s*\\.)` : `${step}(\\s*\\.\\s*)${output}\\b`;
  const pattern = new RegExp(`("(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*')|(?<![\\w.])${word}`, 'g');
  return text.replace(pattern, (all: string, quoted: string | undefined, dot: string) =>
    quoted !== undefined ? all : output === undefined ? to : `${to}${dot}${next}`
  );
}

function scalarSplice(node: unknown, text: string, plain = true): ISplice {
  const [start, end] = (node as { range: [number, number, number] }).range;
  return { start, end, text: plain && !text.startsWith('$') ? text : JSON.stringify(text) };
}

const isGroup = (value: Value): value is Record<string, Value> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('$' in value);

const empty = (value: Value): boolean =>
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (isGroup(value) && Object.keys(value).length === 0);
