/** Listeners that are called with what happens. One that throws doesn't keep it from the others. */
export class Bell<T> {
  private readonly listeners = new Set<(event: T) => void>();

  on(listener: (event: T) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  ring(event: T): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(event);
      } catch (error) {
        console.error(error);
      }
    }
  }

  get empty(): boolean {
    return this.listeners.size === 0;
  }
}
