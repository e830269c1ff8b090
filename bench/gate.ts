import type { Edge } from '#local/edge/edge.ts';

/** The reads of changes and messages, which start what follows from requests. */
const reads = ['GetRecords', 'ReceiveMessage'];

/**
 * Delays what follows from requests until they are done. On AWS, a change reaches its reader after 0.2 s; here it may
 * do so in the middle of a request. What both then do twice, and how many changes are in a batch, would depend on how
 * busy the machine is.
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
