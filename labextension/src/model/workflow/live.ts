/** The latest run of a workflow as it is now: read once, then patched by events. */
import type { Event, IRunDetail, IRunRow, IStepLine, State } from '../contract';
import { isFinished } from '../format';

export interface ILiveRun {
  run: IRunRow;
  /** In the order of the workflow's steps as that run had them. */
  steps: readonly IStepLine[];
  byName: ReadonlyMap<string, IStepLine>;
  /** Whether `resume` can go on with it. */
  resumable: boolean;
}

export function liveOf(detail: IRunDetail): ILiveRun {
  return made(detail, detail.steps, detail.resumable);
}

/** A run that just began: nothing is known of its steps. */
export function begun(run: IRunRow): ILiveRun {
  return made(run, [], false);
}

/** Whether an event is of a newer run of the workflow than the one that's shown. */
export function isNewer(event: Event, workflow: string, live: ILiveRun | null): boolean {
  return (
    event.type === 'run' &&
    event.run.workflow === workflow &&
    event.run.function === null &&
    event.run.parent === null &&
    event.run.id !== live?.run.id &&
    (live === null || event.run.created > live.run.created)
  );
}

/** The run after an event; the same object when the event changes nothing. */
export function happened(live: ILiveRun | null, event: Event, workflow: string): ILiveRun | null {
  if (event.type === 'run') {
    if (live && event.run.id === live.run.id) {
      return made(event.run, live.steps, event.run.state === 'error' || event.run.state === 'aborted');
    }
    return isNewer(event, workflow, live) ? begun(event.run) : live;
  }
  if (!live) {
    return live;
  }
  if (event.type === 'removed') {
    return event.run === live.run.id ? null : live;
  }
  if (event.type === 'step' && event.run === live.run.id) {
    const { step } = event;
    const there = live.byName.has(step.name);
    const steps = there ? live.steps.map(line => (line.name === step.name ? step : line)) : [...live.steps, step];
    return made(live.run, steps, live.resumable);
  }
  return live;
}

export interface IProgress {
  done: number;
  total: number;
  /** One state a step, in order. */
  states: State[];
}

export function progressOf(live: ILiveRun): IProgress {
  const states = live.steps.map(step => step.state);
  return { done: states.filter(state => isFinished(state) && state !== 'skipped').length, total: states.length, states };
}

export const isGoing = (live: ILiveRun | null): boolean => live !== null && !isFinished(live.run.state);

/** How long the run took, or takes so far. `now` in seconds. */
export function elapsed(run: IRunRow, now: number): number | null {
  const start = run.started ?? run.created;
  return run.ended !== null ? run.ended - start : isFinished(run.state) ? run.duration : Math.max(0, now - start);
}

function made(run: IRunRow, steps: readonly IStepLine[], resumable: boolean): ILiveRun {
  return { run, steps, byName: new Map(steps.map(step => [step.name, step])), resumable };
}
