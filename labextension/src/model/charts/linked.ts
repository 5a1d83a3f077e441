/** What charts share: the run that is pointed at, the place of the crosshair, the part of the x axis that is seen, what is hidden. */
import { Bell } from '../bell';

export type Part = 'run' | 'aim' | 'zoom' | 'hidden';

export class Linked {
  /** The run that is pointed at anywhere. */
  run: string | null = null;
  /** The crosshair's place on the x axis; `from` is the chart that set it. */
  aim: { x: number; from: object } | null = null;
  zoom: readonly [number, number] | null = null;
  /** Hidden by hand. */
  hidden: ReadonlySet<string> = new Set();
  /** Left out by filters on parallel coordinates. */
  filtered: ReadonlySet<string> = new Set();
  /** Both together: what isn't drawn. */
  out: ReadonlySet<string> = new Set();

  on(listener: (part: Part) => void): () => void {
    return this.bell.on(listener);
  }

  point(run: string | null): void {
    if (run !== this.run) {
      this.run = run;
      this.bell.ring('run');
    }
  }

  aimAt(aim: Linked['aim']): void {
    if (aim?.x !== this.aim?.x || aim?.from !== this.aim?.from) {
      this.aim = aim;
      this.bell.ring('aim');
    }
  }

  magnify(zoom: readonly [number, number] | null): void {
    this.zoom = zoom && zoom[1] > zoom[0] ? zoom : null;
    this.bell.ring('zoom');
  }

  hide(hidden: ReadonlySet<string>): void {
    this.hidden = hidden;
    this.sum();
  }

  filter(filtered: ReadonlySet<string>): void {
    if (filtered.size || this.filtered.size) {
      this.filtered = filtered;
      this.sum();
    }
  }

  /** Show or hide one run. */
  toggle(run: string): void {
    const hidden = new Set(this.hidden);
    if (!hidden.delete(run)) {
      hidden.add(run);
    }
    this.hide(hidden);
  }

  /** Show only this one; all again when it was the only one. */
  solo(run: string, runs: readonly string[]): void {
    const others = runs.filter(other => other !== run);
    const alone = !this.hidden.has(run) && others.every(other => this.hidden.has(other));
    this.hide(new Set(alone ? [] : others));
  }

  private sum(): void {
    this.out = new Set([...this.hidden, ...this.filtered]);
    this.bell.ring('hidden');
  }

  private readonly bell = new Bell<Part>();
}
