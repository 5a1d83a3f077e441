/** What runs are called beside each other: by name, and by what tells those apart that have one name. */
import { shortId } from '../../model/format';

interface INamed {
  id: string;
  name: string;
  iteration?: number | null;
}

export function distinctNames(runs: readonly INamed[]): Map<string, string> {
  const counts = new Map<string, number>();
  const called = (run: INamed) => run.name || shortId(run.id);
  runs.forEach(run => counts.set(called(run), (counts.get(called(run)) ?? 0) + 1));
  const iterations = new Set(runs.map(run => `${called(run)} ${run.iteration}`));
  const told = iterations.size === runs.length;
  return new Map(
    runs.map(run => {
      const alone = counts.get(called(run)) === 1;
      const mark = told && run.iteration !== null && run.iteration !== undefined ? `#${run.iteration}` : shortId(run.id);
      return [run.id, alone ? called(run) : `${called(run)} ${mark}`];
    })
  );
}
