/** Where a panel is and was: what "back" and "forward" lead to. */
import type { IGiven } from '../host';

/** As Python has it: `runs` with a query, `run`, `workflow`, `artifact` with one name, `compare` with several. */
export type View = 'runs' | 'run' | 'workflow' | 'compare' | 'artifacts' | 'artifact';

export interface IPlace {
  view: View;
  target: string[];
}

/** The form that runs something is part of the way, but nothing that is kept. */
export type Stop = IPlace | { view: 'form'; target: string[]; given?: IGiven };

export interface ITrail {
  past: Stop[];
  now: Stop;
  future: Stop[];
}

const MOST = 50;

const VIEWS: ReadonlySet<string> = new Set(['runs', 'run', 'workflow', 'compare', 'artifacts', 'artifact']);

/** What Python or a notebook says, if it is a place; else the table of runs. */
export function placeOf(view: unknown, target: unknown): IPlace {
  const names = Array.isArray(target) ? target.filter((each): each is string => typeof each === 'string') : [];
  const needs = view === 'compare' ? 2 : view === 'runs' || view === 'artifacts' ? 0 : 1;
  return typeof view === 'string' && VIEWS.has(view) && names.length >= needs
    ? { view: view as View, target: names }
    : { view: 'runs', target: [] };
}

export const samePlace = (a: Stop, b: Stop): boolean =>
  a.view === b.view && JSON.stringify(a.target) === JSON.stringify(b.target) && a.view !== 'form';

export const begin = (now: Stop): ITrail => ({ past: [], now, future: [] });

export function go(trail: ITrail, to: Stop): ITrail {
  if (samePlace(trail.now, to)) {
    return trail;
  }
  // nobody goes back to a form that was sent
  const past = trail.now.view === 'form' ? trail.past : [...trail.past, trail.now].slice(-MOST);
  return { past, now: to, future: [] };
}

export function back(trail: ITrail): ITrail {
  const to = trail.past.at(-1);
  return to ? { past: trail.past.slice(0, -1), now: to, future: [trail.now, ...trail.future] } : trail;
}

export function forward(trail: ITrail): ITrail {
  const [to, ...future] = trail.future;
  return to ? { past: [...trail.past, trail.now], now: to, future } : trail;
}
