/** A run on screen, kept true by events between two answers. */
import type { Event, ICell, IRunDetail, IStepLine } from '../contract';

export function patchDetail(run: IRunDetail, event: Event): IRunDetail {
  switch (event.type) {
    case 'run':
      return event.run.id === run.id ? { ...run, ...event.run } : run;
    case 'step':
      return event.run === run.id ? { ...run, steps: put(run.steps, event.step, (step: IStepLine) => step.name) } : run;
    case 'cell':
      return event.run === run.id ? { ...run, cells: put(run.cells, event.cell, (cell: ICell) => cell.index) } : run;
    default:
      return run;
  }
}

/** The list with one in the place of its older self, or at the end. */
function put<T>(list: T[], one: T, key: (each: T) => unknown): T[] {
  const at = list.findIndex(each => key(each) === key(one));
  return at < 0 ? [...list, one] : list.map((each, index) => (index === at ? one : each));
}

/** What an event of a run makes old in its details, beyond what the event tells itself. */
export function isStale(run: string, event: Event): boolean {
  return (event.type === 'run' && event.run.id === run) || (event.type === 'changed' && event.what === 'artifacts');
}

export interface IDiffLine {
  kind: 'same' | 'added' | 'removed' | 'place';
  text: string;
  before: number | null;
  after: number | null;
}

/** The lines of a unified diff, with their numbers before and after. */
export function diffLines(lines: string[]): IDiffLine[] {
  let before = 1;
  let after = 1;
  return lines.map((line): IDiffLine => {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      return { kind: 'place', text: line, before: null, after: null };
    }
    switch (line[0]) {
      case '+':
        return { kind: 'added', text: line.slice(1), before: null, after: after++ };
      case '-':
        return { kind: 'removed', text: line.slice(1), before: before++, after: null };
      default:
        return { kind: 'same', text: line.slice(1), before: before++, after: after++ };
    }
  });
}
