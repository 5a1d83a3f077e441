/** Runs that are followed, each as long as somebody follows it. */
export class Followed {
  constructor(private readonly onChange: () => void) {}

  /** Returns what ends it. */
  add(run: string): () => void {
    const one = Symbol(run);
    this.all.set(one, run);
    this.onChange();
    return () => {
      if (this.all.delete(one)) {
        this.onChange();
      }
    };
  }

  get runs(): string[] {
    return [...new Set(this.all.values())];
  }

  private readonly all = new Map<symbol, string>();
}
