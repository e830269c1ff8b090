/** What to undo, in reverse order, when Muster stops or fails to start. */
export class Cleanup {
  readonly #steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Waits for something to start, and stops it later, even if it is still starting by then. */
  async started<T extends { stop: () => Promise<void> }>(starting: Promise<T>): Promise<T> {
    this.add(async () => {
      const running = await starting.catch(() => undefined);
      await running?.stop();
    });
    return starting;
  }

  /** Runs every step, even after one fails. Throws the first error at the end. */
  async run(): Promise<void> {
    const errors: unknown[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
