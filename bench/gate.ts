import type { Edge } from '#local/edge/edge.ts';

/** What reads changes and messages, and so begins what follows from requests. */
const reads = ['GetRecords', 'ReceiveMessage'];

/**
 * Lets what follows from requests wait until they are done. On AWS a change takes 0.2 s to its reader, here it may come in the
 * middle of a request: what the two then do twice, and how many changes make a batch, would depend on how busy the machine is.
 */
export class Gate {
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(edge: Edge) {
    edge.intercept(async (call, next) => {
      if (reads.includes(call.action)) while (this.#closed) await this.#closed.promise;
      return next();
    });
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  close(): void {
    this.#closed ??= Promise.withResolvers();
  }

  open(): void {
    this.#closed?.resolve();
    this.#closed = undefined;
  }
}
