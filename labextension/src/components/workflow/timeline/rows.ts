/** What the timeline draws, as numbers: rows, waiting times, the critical path, ticks. Times in seconds. */
import type { IStepLine, State } from '../../../model/contract';
import { isFinished } from '../../../model/format';
import { functionOf, type IWorkflowDoc } from '../../../model/workflow/document';
import { edgesOf } from '../../../model/workflow/graph';
import type { ILiveRun } from '../../../model/workflow/live';

export interface IBar {
  name: string;
  function: string | null;
  state: State | 'none';
  line: IStepLine | null;
  /** Since when all it needs was there; null when it never was. */
  ready: number | null;
  start: number | null;
  /** Until when it waited: its start, or now; null when it doesn't wait. */
  waited: number | null;
  /** Now, of one that runs. */
  end: number | null;
  critical: boolean;
}

export interface IPlan {
  bars: IBar[];
  from: number;
  to: number;
}

/** A step, and the steps it waits for. */
export interface INeeds {
  name: string;
  function: string | null;
  needs: readonly string[];
}

export function needsOf(doc: IWorkflowDoc): INeeds[] {
  const edges = edgesOf(doc);
  return [...doc.steps, ...(doc.on_exit ? [doc.on_exit] : [])].map(step => ({
    name: step.name,
    function: functionOf(step) ?? step.workflow,
    needs: [...new Set(edges.filter(edge => edge.target === step.name).map(edge => edge.source))]
  }));
}

export function plan(steps: readonly INeeds[], live: ILiveRun, now: number): IPlan {
  const from = live.run.started ?? live.run.created;
  const known = new Map(steps.map(step => [step.name, step]));
  const names = [...new Set([...live.steps.map(step => step.name), ...known.keys()])];
  const ends = new Map(names.map(name => [name, endOf(live.byName.get(name), now)]));
  const critical = criticalPath(known, live, ends);
  const bars = names.map((name): IBar => {
    const line = live.byName.get(name) ?? null;
    const start = line?.started ?? null;
    const needs = (known.get(name)?.needs ?? []).filter(need => live.byName.has(need));
    const ready = line === null ? null : readyAt(needs, live, from, start);
    return {
      name,
      function: line?.function ?? known.get(name)?.function ?? null,
      state: line?.state ?? 'none',
      line,
      ready,
      start,
      waited: start ?? (line?.state === 'pending' && !isFinished(live.run.state) ? now : null),
      end: ends.get(name) ?? null,
      critical: critical.has(name)
    };
  });
  bars.sort((one, other) => (one.start ?? Infinity) - (other.start ?? Infinity) || 0);
  const last = isFinished(live.run.state) ? (live.run.ended ?? from) : now;
  const to = Math.max(last, ...bars.map(bar => bar.end ?? 0));
  return { bars, from, to: Math.max(to, from + 0.1) };
}

function endOf(line: IStepLine | undefined, now: number): number | null {
  if (!line || line.started === null) {
    return null;
  }
  if (line.ended !== null) {
    return line.ended;
  }
  return isFinished(line.state) ? line.started + (line.seconds ?? 0) : Math.max(now, line.started);
}

/** When the last of what it needs had ended; at most its own start, as clocks differ. */
function readyAt(needs: readonly string[], live: ILiveRun, from: number, start: number | null): number | null {
  let ready = from;
  for (const need of needs) {
    const line = live.byName.get(need);
    if (!line || line.ended === null) {
      return start; // something it needs isn't there: it doesn't wait for its turn yet
    }
    ready = Math.max(ready, line.ended);
  }
  return start === null ? ready : Math.min(ready, start);
}

/** From the step that ended last back through what each waited for longest. */
function criticalPath(
  known: ReadonlyMap<string, INeeds>,
  live: ILiveRun,
  ends: ReadonlyMap<string, number | null>
): ReadonlySet<string> {
  const latest = (names: Iterable<string>): string | null => {
    let found: string | null = null;
    for (const name of names) {
      const end = ends.get(name) ?? null;
      if (end !== null && (found === null || end > (ends.get(found) ?? 0))) {
        found = name;
      }
    }
    return found;
  };
  const path = new Set<string>();
  for (let at = latest(live.byName.keys()); at !== null && !path.has(at); at = latest(known.get(at)?.needs ?? [])) {
    path.add(at);
  }
  return path.size > 1 ? path : new Set();
}

const ROUND = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600
].concat([7200, 10800, 21600, 43200, 86400, 172800, 604800]);

/** Round numbers of seconds from 0 to `length`, about `count` of them. */
export function ticks(length: number, count: number): number[] {
  const step = ROUND.find(each => length / each <= count) ?? Math.ceil(length / count / 604800) * 604800;
  return Array.from({ length: Math.floor(length / step + 1e-9) + 1 }, (_, at) => Number((at * step).toFixed(3)));
}

/** `0`, `200 ms`, `1.5 s`, `2 m`, `1 h 30 m`: shorter than a duration, as its parts are round. */
export function tickText(seconds: number): string {
  if (seconds === 0) {
    return '0';
  }
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  const parts: [number, string][] = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor((seconds % 86400) / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's']
  ];
  return parts
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}
