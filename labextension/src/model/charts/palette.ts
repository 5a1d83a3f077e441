/** Which colour a run has. Ten hues (`--jmo-series-1…10`, per theme in charts.css); the next ten are dashed, then dotted. */

const HUES = 10;
const DASHES: readonly number[][] = [[], [6, 4], [2, 3], [9, 3, 2, 3], [12, 4]];

/** A CSS colour: fine in styles and SVG; for a canvas resolve it by a probe element. */
export const colorOf = (index: number): string => `var(--jmo-series-${(index % HUES) + 1})`;

/** How the line is dashed, so that the 1st and the 11th run can be told apart. */
export const dashOf = (index: number): number[] => DASHES[Math.floor(index / HUES) % DASHES.length];

/** Gives each run a number that it keeps: also when others come and go, and when it comes back. */
export class Slots {
  /** The numbers of these runs: all different, low, and as they were before where that is possible. */
  of(runs: readonly string[]): Map<string, number> {
    const taken = new Set<number>();
    const found = new Map<string, number>();
    for (const run of runs) {
      const before = this.known.get(run);
      if (before !== undefined && !taken.has(before)) {
        taken.add(before);
        found.set(run, before);
      }
    }
    let next = 0;
    for (const run of runs) {
      if (!found.has(run)) {
        while (taken.has(next)) {
          next += 1;
        }
        taken.add(next);
        found.set(run, next);
        this.known.set(run, next);
      }
    }
    return found;
  }

  private readonly known = new Map<string, number>();
}

/** Shared by all that is shown on this page, so that a run has one colour everywhere. */
export const slots = new Slots();
