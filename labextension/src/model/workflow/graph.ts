/** The workflow as a graph: who needs what of whom. */
import type { IWorkflowDoc } from './document';
import { ON_EXIT } from './document';
import { referencesIn } from './values';

/** Where a reference stands in the step that needs it. */
export type Slot =
  | { field: 'params' | 'inputs' | 'foreach'; name: string }
  /** Order alone, a condition, or somewhere in its sweep. */
  | { field: 'after' | 'when' | 'sweep'; name: null };

export interface IEdge {
  id: string;
  source: string;
  /** null of order alone. */
  output: string | null;
  target: string;
  slot: Slot;
}

/** Why two steps can't be connected. */
export type Refused = { why: 'self' } | { why: 'cycle'; path: string[] } | { why: 'there' };

const CONDITION = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.])([a-z][a-z0-9_]*)\s*\.\s*([A-Za-z_]\w*)/g;

export function edgesOf(doc: IWorkflowDoc): IEdge[] {
  const known = new Set(doc.steps.map(step => step.name));
  const found = new Map<string, IEdge>();
  const add = (source: string, output: string | null, target: string, slot: Slot) => {
    if (known.has(source)) {
      const id = edgeId({ source, output, target, slot });
      found.set(id, { id, source, output, target, slot });
    }
  };
  for (const step of doc.on_exit ? [...doc.steps, doc.on_exit] : doc.steps) {
    for (const field of ['params', 'inputs', 'foreach'] as const) {
      for (const [name, value] of Object.entries(step[field])) {
        referencesIn(value).forEach(({ step: source, output }) => add(source, output, step.name, { field, name }));
      }
    }
    referencesIn(step.sweep).forEach(({ step: source, output }) =>
      add(source, output, step.name, { field: 'sweep', name: null })
    );
    step.after.forEach(source => add(source, null, step.name, { field: 'after', name: null }));
    for (const [, source, output] of (step.when ?? '').matchAll(CONDITION)) {
      if (source !== undefined) {
        add(source, output, step.name, { field: 'when', name: null });
      }
    }
  }
  return [...found.values()];
}

export const edgeId = ({ source, output, target, slot }: Omit<IEdge, 'id'>): string =>
  `${source}.${output ?? ''}>${target}.${slot.field}.${slot.name ?? ''}`;

/** Why `target` can't need `source`, or null when it can. */
export function refused(edges: readonly IEdge[], source: string, target: string): Refused | null {
  if (source === target) {
    return { why: 'self' };
  }
  const path = pathBetween(edges, target, source);
  return path ? { why: 'cycle', path: [...path, target] } : null;
}

/** A step and all that wait for it: what it can't need. */
export function waitingFor(edges: readonly IEdge[], step: string): ReadonlySet<string> {
  const next = successors(edges);
  const found = new Set([step]);
  for (const at of found) {
    next.get(at)?.forEach(following => found.add(following));
  }
  return found;
}

/** The steps on a way from one to another along the edges, both included; null when there is none. */
export function pathBetween(edges: readonly IEdge[], from: string, to: string): string[] | null {
  const next = successors(edges);
  const came = new Map<string, string | null>([[from, null]]);
  const queue = [from];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    if (at === to) {
      const path = [];
      for (let step: string | null = to; step !== null; step = came.get(step) ?? null) {
        path.unshift(step);
      }
      return path;
    }
    for (const step of next.get(at) ?? []) {
      if (!came.has(step)) {
        came.set(step, at);
        queue.push(step);
      }
    }
  }
  return null;
}

/** A cycle, as the steps along it, first and last the same; null when there is none. */
export function cycleOf(edges: readonly IEdge[]): string[] | null {
  const next = successors(edges);
  const done = new Set<string>();
  const visit = (step: string, path: string[]): string[] | null => {
    const at = path.indexOf(step);
    if (at >= 0 || done.has(step)) {
      return at >= 0 ? [...path.slice(at), step] : null;
    }
    path.push(step);
    for (const following of next.get(step) ?? []) {
      const found = visit(following, path);
      if (found) {
        return found;
      }
    }
    path.pop();
    done.add(step);
    return null;
  };
  for (const step of next.keys()) {
    const found = visit(step, []);
    if (found) {
      return found;
    }
  }
  return null;
}

export function successors(edges: readonly IEdge[]): Map<string, Set<string>> {
  const next = new Map<string, Set<string>>();
  for (const { source, target } of edges) {
    next.set(source, (next.get(source) ?? new Set()).add(target));
  }
  return next;
}

/** How many steps stand before each on the longest way to it; steps on a cycle stand where they were reached first. */
export function ranks(doc: IWorkflowDoc, edges: readonly IEdge[]): Map<string, number> {
  const found = new Map<string, number>();
  const before = new Map<string, Set<string>>();
  for (const { source, target } of edges) {
    before.set(target, (before.get(target) ?? new Set()).add(source));
  }
  const rank = (name: string, above: Set<string>): number => {
    const known = found.get(name);
    if (known !== undefined || above.has(name)) {
      return known ?? 0;
    }
    above.add(name);
    const own = Math.max(-1, ...[...(before.get(name) ?? [])].map(source => rank(source, above))) + 1;
    above.delete(name);
    found.set(name, own);
    return own;
  };
  doc.steps.forEach(step => rank(step.name, new Set()));
  if (doc.on_exit) {
    found.set(ON_EXIT, Math.max(0, ...found.values()) + 1);
  }
  return found;
}
