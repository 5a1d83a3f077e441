/** Connections of a workflow: from text to text. */
import type { Value } from '../contract';
import { ON_EXIT, pathOf } from './document';
import type { IEdge, Slot } from './graph';
import { Source } from './source';
import { reference, referenceOf, sameValue, valueOf, written } from './values';

/** Give an output of a step to an input or param of another. A second one for the same input makes a list. */
export function connect(text: string, from: { step: string; output: string }, to: { step: string; slot: Slot }): string {
  const { slot } = to;
  if (slot.field === 'after') {
    return connectOrder(text, from.step, to.step);
  }
  if (slot.name === null) {
    throw new Error(`The ${slot.field === 'when' ? 'condition' : 'sweep'} of ${to.step} is changed in its fields.`);
  }
  const path = [...pathOf(to.step), slot.field, slot.name];
  const source = Source.of(text);
  const there = valueOf(source.node(path));
  const added = reference(from.step, from.output);
  return source.put(path, written(slot.field === 'inputs' ? gathered(there, added) : added));
}

/** Let a step wait for another without taking anything of it. */
export function connectOrder(text: string, before: string, step: string): string {
  if (step === ON_EXIT) {
    throw new Error('What runs at the end comes after all steps as it is.');
  }
  const path = [...pathOf(step), 'after'];
  const source = Source.of(text);
  const names = listed(valueOf(source.node(path)));
  return names.includes(before) ? text : source.put(path, written([...names, before]));
}

export function disconnect(text: string, edge: Pick<IEdge, 'source' | 'output' | 'target' | 'slot'>): string {
  const { slot } = edge;
  if (slot.field === 'when' || slot.field === 'sweep') {
    const what = slot.field === 'when' ? 'condition' : 'sweep';
    throw new Error(`${edge.target} needs ${edge.source} for its ${what}: change that in its fields.`);
  }
  const path = [...pathOf(edge.target), slot.field, ...(slot.name === null ? [] : [slot.name])];
  const source = Source.of(text);
  const there = valueOf(source.node(path));
  const gone = slot.field === 'after' ? edge.source : reference(edge.source, edge.output ?? '');
  const left = listed(there).filter(item => !sameValue(item, gone));
  if (sameValue(there, gone) || left.length === 0) {
    return source.take(path);
  }
  // one that is left is no list any more: it was made by the second connection
  return source.put(path, written(left.length === 1 && slot.field !== 'after' ? left[0] : left));
}

/** Take a connection from where it was to somewhere else. */
export function reconnect(
  text: string,
  edge: Pick<IEdge, 'source' | 'output' | 'target' | 'slot'>,
  from: { step: string; output: string },
  to: { step: string; slot: Slot }
): string {
  return connect(disconnect(text, edge), from, to);
}

const listed = (value: Value): Value[] => (Array.isArray(value) ? value : value === null ? [] : [value]);

function gathered(there: Value, added: string): Value {
  const items = listed(there);
  // a path or literal that stood there is replaced
  if (items.length === 0 || !items.every(item => referenceOf(item)) || sameValue(there, added)) {
    return added;
  }
  return items.some(item => sameValue(item, added)) ? there : [...items, added];
}
