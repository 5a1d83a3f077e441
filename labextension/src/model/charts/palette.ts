/** Which colour a run has. Ten hues (`--jmo-series-1…10`, per theme in charts.css); the next ten are dashed, then dotted. */

const HUES = 10;
const DASHES: readonly number[][] = [[], [6, 4], [2, 3], [9, 3, 2, 3], [12, 4]];

/** A CSS colour: fine in styles and SVG; for a canvas resolve it by a probe element. */
export const colorOf = (index: number): string => `var(--jmo-series-${(index % HUES) + 1})`;

/** How the line is dashed, so that the 1st and the 11th run can be told apart. */
export const dashOf = (index: number): number[] => DASHES[Math.floor(index / HUES) % DASHES.length];

/** Gives each run a colour that it keeps: also when others come and go, and when it comes back. */
export class Slots {
  /**
   * A number for `colorOf` and `dashOf` of each run: all different. A run keeps its colour as long as no other of `runs` has it, or all
   * are taken; dashes are only for colours that several of these runs have.
   */
  of(runs: readonly string[]): Map<string, number> {
    const used = new Map<number, number>();
    const found = new Map<string, number>();
    const take = (run: string, hue: number) => {
      const turn = used.get(hue) ?? 0;
      used.set(hue, turn + 1);
      found.set(run, hue + HUES * turn);
      this.hues.set(run, hue);
    };
    const least = () => {
      const all = Array.from({ length: HUES }, (_, hue) => hue);
      return all.reduce((a, b) => ((used.get(b) ?? 0) < (used.get(a) ?? 0) ? b : a));
    };
    const fair = Math.ceil(runs.length / HUES);
    for (const run of runs) {
      const hue = this.hues.get(run);
      if (hue !== undefined && (used.get(hue) ?? 0) < fair) {
        take(run, hue);
      }
    }
    for (const run of runs) {
      if (!found.has(run)) {
        take(run, least());
      }
    }
    return found;
  }

  private readonly hues = new Map<string, number>();
}

/** Shared by all that is shown on this page, so that a run has one colour everywhere. */
export const slots = new Slots();
