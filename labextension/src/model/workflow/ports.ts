/** Where connections begin and end on a step, with what is known of each. */
import type { IFunction } from '../contract';
import { type IStep, ON_EXIT } from './document';
import type { IEdge, Slot } from './graph';

export interface IPort {
  /** Of the handle. */
  id: string;
  /** null of a port for any output, or for order. */
  name: string | null;
  /** Type, kind, or what else is said of it. */
  detail: string;
  connected: boolean;
  required: boolean;
}

export interface IPorts {
  inputs: IPort[];
  outputs: IPort[];
}

/** The handle of any output, of a step that doesn't say what it gives. */
export const ANY = 'o:';
/** The handle for order. */
export const AFTER = 'a:';

const SIGNS: Record<string, Slot['field']> = { i: 'inputs', p: 'params', f: 'foreach' };

export const outputHandle = (edge: Pick<IEdge, 'output'>): string => `o:${edge.output ?? ''}`;

export function inputHandle(slot: Slot): string {
  return slot.name === null ? AFTER : `${slot.field[0]}:${slot.name}`;
}

export function slotOf(handle: string): Slot {
  const field = SIGNS[handle[0]];
  return field ? ({ field, name: handle.slice(2) } as Slot) : { field: 'after', name: null };
}

/** The output that a handle stands for; null when any will do. */
export const outputOf = (handle: string): string | null => handle.slice(2) || null;

export function portsOf(step: IStep, called: IFunction | null, edges: readonly IEdge[]): IPorts {
  return { inputs: inputsOf(step, called, edges), outputs: step.name === ON_EXIT ? [] : outputsOf(step, called, edges) };
}

function inputsOf(step: IStep, called: IFunction | null, edges: readonly IEdge[]): IPort[] {
  const into = new Set(edges.filter(edge => edge.target === step.name).map(edge => inputHandle(edge.slot)));
  const ports: IPort[] = [];
  const add = (id: string, name: string | null, detail: string, required = false) => {
    if (!ports.some(port => port.id === id)) {
      ports.push({ id, name, detail, required, connected: into.has(id) });
    }
  };
  called?.inputs?.forEach(input => add(`i:${input.name}`, input.name, input.hint ?? '', input.required));
  Object.keys(step.inputs).forEach(name => add(`i:${name}`, name, ''));
  Object.keys(step.foreach).forEach(name => add(`f:${name}`, name, 'foreach'));
  into.forEach(id => {
    const { name } = slotOf(id);
    add(id, name, name === null ? '' : (called?.parameters?.find(parameter => parameter.name === name)?.hint ?? 'param'));
  });
  const after = ports.filter(port => port.id !== AFTER);
  const order = { id: AFTER, name: null, detail: '', connected: into.has(AFTER), required: false };
  return step.name === ON_EXIT ? after : [order, ...after];
}

function outputsOf(step: IStep, called: IFunction | null, edges: readonly IEdge[]): IPort[] {
  const from = new Set(edges.filter(edge => edge.source === step.name).map(outputHandle));
  const ports: IPort[] = (called?.returns ?? []).map(({ key, kind }) => ({
    id: `o:${key}`,
    name: key,
    detail: kind ?? '',
    connected: from.has(`o:${key}`),
    required: false
  }));
  if (ports.length === 0) {
    ports.push({ id: ANY, name: null, detail: '', connected: from.has(ANY), required: false });
  }
  from.forEach(id => {
    if (!ports.some(port => port.id === id)) {
      ports.push({ id, name: outputOf(id), detail: '', connected: true, required: false });
    }
  });
  return ports;
}

/** What of a step can still be connected, the likeliest first. */
export function openSlots(step: IStep, called: IFunction | null): Slot[] {
  const inputs = [...new Set([...(called?.inputs ?? []).map(input => input.name), ...Object.keys(step.inputs)])];
  const free = (name: string) => !(name in step.inputs);
  const params = (called?.parameters ?? []).map(parameter => parameter.name).filter(name => !(name in step.foreach));
  return [
    ...inputs.filter(free).map(name => ({ field: 'inputs', name }) as const),
    ...inputs.filter(name => !free(name)).map(name => ({ field: 'inputs', name }) as const),
    ...params.map(name => ({ field: 'params', name }) as const),
    ...(step.name === ON_EXIT ? [] : [{ field: 'after', name: null } as const])
  ];
}

/** The kind that stands for a step's tile: what its Function gives. */
export function tileOf(step: IStep, called: IFunction | null): string {
  if (step.workflow !== null) {
    return 'workflow';
  }
  const kinds = (called?.returns ?? []).map(({ kind }) => kind).filter(kind => kind !== null && kind !== 'result');
  return kinds[0] ?? 'function';
}
