/** Changes of a workflow: from text to text, each leaving all else as it was typed. They throw what can't be done, for people to read. */
import type { Value } from '../contract';
import { type IStep, ON_EXIT, pathOf } from './document';
import { isMap, type ISplice, Source } from './source';
import { referenceOf, sameValue, valueOf, written } from './values';
import { checkName, renameParam, renameStep, stepNames } from './renames';

export { renameParam, renameStep };

export type Place = [x: number, y: number];

/** What a step calls. */
export type Called = { function: string } | { workflow: string };

/** The fields that `setField` knows. */
export type StepField = Exclude<keyof IStep, 'name' | 'line'>;

/** Add a step; `name` must be free (see `freshName`). */
export function addStep(text: string, name: string, called: Called, at?: Place): string {
  const [field, value] = 'function' in called ? ['function', called.function] : ['workflow', called.workflow];
  checkName(name, Source.of(text).keys(['steps']));
  const added = Source.of(text).put(['steps', name, field], written(value));
  return at ? move(added, { [name]: at }) : added;
}

/** Say what runs at the end, whatever happened. */
export function setOnExit(text: string, called: Called | null): string {
  const bare = Source.of(text).take([ON_EXIT]);
  return called === null ? bare : Source.of(bare).put([ON_EXIT], written({ ...called }));
}

/** Take steps away, with all references to them but those in conditions, which a person has to rewrite. */
export function removeSteps(text: string, names: readonly string[]): string {
  const source = Source.of(text);
  const gone = new Set(names);
  const splices = stepNames(source)
    .filter(name => !gone.has(name))
    .flatMap(name => forgotten(source, pathOf(name), gone));
  const root = new Set<string>(gone.has(ON_EXIT) ? [ON_EXIT] : []);
  const kept = without(group(source, ['outputs']), gone);
  splices.push(...pruned(source, ['outputs'], kept, () => root.add('outputs')));
  for (const field of ['steps', 'layout']) {
    const left = Object.fromEntries(
      source
        .keys([field])
        .filter(name => !gone.has(name))
        .map(name => [name, null])
    );
    splices.push(...pruned(source, [field], left, () => (field === 'steps' ? null : root.add(field))));
  }
  const steps = source.pair(['steps']);
  if (steps && source.keys(['steps']).every(name => gone.has(name))) {
    splices.push(source.replaced(steps, '{}'));
  }
  return source.with(source.root ? [...splices, ...source.removed(source.root, root)] : splices);
}

/** Set a field of a step; null, an empty text, list or group takes it away. Groups change key by key. */
export function setField(text: string, step: string, field: StepField, value: Value): string {
  const path = [...pathOf(step), field];
  const there = Source.of(text).node(path);
  if (isGroup(value) && Object.keys(value).length && isMap(there)) {
    const before = valueOf(there) as Record<string, Value>;
    const goes = Object.keys(before).filter(key => !(key in value));
    const without = goes.reduce((left, key) => Source.of(left).take([...path, key]), text);
    return Object.entries(value)
      .filter(([key, item]) => !sameValue(before[key], item))
      .reduce((changed, [key, item]) => Source.of(changed).put([...path, key], written(item)), without);
  }
  return empty(value) ? Source.of(text).take(path) : Source.of(text).put(path, written(value));
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
  return value === null ? Source.of(text).take(path) : Source.of(text).put(path, written(value));
}

/** Set a parameter of the workflow; null takes it away. */
export function setParam(
  text: string,
  name: string,
  param: { default?: Value; type?: string | null; help?: string } | null
): string {
  if (param === null) {
    return Source.of(text).take(['params', name]);
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
  return Source.of(text).put(['params', name], written(said));
}

export function setDescription(text: string, description: string): string {
  return description === '' ? Source.of(text).take(['description']) : Source.of(text).put(['description'], written(description));
}

/** Set what the workflow gives to one that calls it; null takes it away. */
export function setOutput(text: string, name: string, value: Value): string {
  return value === null ? Source.of(text).take(['outputs', name]) : Source.of(text).put(['outputs', name], written(value));
}

/** Put nodes somewhere; the others stay. One line a node, whole numbers. */
export function move(text: string, places: Record<string, Place>): string {
  const source = Source.of(text);
  const map = source.node(['layout']);
  if (isMap(map) && !map.flow) {
    const known = Object.keys(places).filter(name => source.pair(['layout', name]));
    const moved = source.with(known.map(name => source.replaced(source.pair(['layout', name])!, placed(places[name]))));
    const [first, ...others] = Object.keys(places).filter(name => !known.includes(name));
    if (first === undefined) {
      return moved;
    }
    const indent = ' '.repeat(source.column(map.items[0]));
    const lines = others.map(name => `\n${indent}${name}: ${placed(places[name])}`);
    return Source.of(moved).put(['layout', first], placed(places[first]) + lines.join(''));
  }
  const before = (valueOf(map) ?? {}) as Record<string, Place>;
  return setLayout(text, { ...before, ...places });
}

/** Put all nodes somewhere, or with null leave it to the editor. */
export function setLayout(text: string, places: Record<string, Place> | null): string {
  if (places === null || Object.keys(places).length === 0) {
    return Source.of(text).take(['layout']);
  }
  const lines = Object.entries(places).map(([name, place]) => `\n  ${name}: ${placed(place)}`);
  return Source.of(text).put(['layout'], lines.join(''));
}

const placed = ([x, y]: Place): string => `[${Math.round(x) || 0}, ${Math.round(y) || 0}]`;

/** What takes references to steps that are gone out of a step. */
function forgotten(source: Source, path: string[], gone: ReadonlySet<string>): ISplice[] {
  const step = source.node(path);
  const empty = new Set<string>();
  const splices = ['params', 'inputs', 'foreach'].flatMap(field =>
    pruned(source, [...path, field], without(group(source, [...path, field]), gone), () => empty.add(field))
  );
  const pair = source.pair([...path, 'after']);
  const names = [valueOf(source.node([...path, 'after']))].flat().filter(name => name !== null);
  const left = names.filter(name => !gone.has(String(name)));
  if (pair && left.length < names.length) {
    if (left.length) {
      splices.push(source.replaced(pair, written(left)));
    } else {
      empty.add('after');
    }
  }
  return isMap(step) ? [...splices, ...source.removed(step, empty)] : splices;
}

/** What makes a group hold `kept` alone; when nothing is left of it, `onEmpty` is told instead. */
function pruned(source: Source, path: string[], kept: Record<string, Value>, onEmpty: () => void): ISplice[] {
  const map = source.node(path);
  const keys = source.keys(path);
  const gone = new Set(keys.filter(key => !(key in kept)));
  if (!isMap(map) || (gone.size === keys.length && gone.size > 0)) {
    if (gone.size) {
      onEmpty();
    }
    return [];
  }
  const changed =
    path.length === 1 && path[0] !== 'outputs'
      ? []
      : keys.filter(key => key in kept && !sameValue(kept[key], valueOf(source.node([...path, key]))));
  return [...source.removed(map, gone), ...changed.map(key => source.replaced(source.pair([...path, key])!, written(kept[key])))];
}

/** A group without references to what is gone, and without the keys of which nothing is left. */
function without(values: Record<string, Value>, gone: ReadonlySet<string>): Record<string, Value> {
  const left = Object.entries(values).map(([key, value]) => [key, lessened(value, gone)] as const);
  return Object.fromEntries(left.filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

function lessened(value: Value, gone: ReadonlySet<string>): Value | undefined {
  const found = referenceOf(value);
  if (found) {
    return gone.has(found.step) ? undefined : value;
  }
  if (!Array.isArray(value)) {
    return value;
  }
  const kept = value.map(item => lessened(item, gone)).filter(item => item !== undefined);
  return kept.length || value.length === 0 ? kept : undefined;
}

function group(source: Source, path: string[]): Record<string, Value> {
  const value = valueOf(source.node(path));
  return isGroup(value) ? value : {};
}

const isGroup = (value: Value): value is Record<string, Value> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('$' in value);

const empty = (value: Value): boolean =>
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (isGroup(value) && Object.keys(value).length === 0);
