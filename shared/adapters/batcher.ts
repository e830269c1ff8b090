import { batchesOf, inBatches } from '../batches.ts';

interface PendingRequest<Request, Answer> {
  request: Request;
  askers: { resolve: (answer: Answer) => void; reject: (error: unknown) => void }[];
}

export interface BatcherOptions<Request, Answer> {
  /** The maximum number of requests in one call. */
  size: number;
  callsAtOnce: number;
  /** Requests with the same key are merged; of two writes, the later one counts. */
  keyOf: (request: Request) => string;
  /**
   * Makes one call.
   * @returns answers by key; whatever was not processed is missing
   */
  call: (requests: readonly Request[]) => Promise<ReadonlyMap<string, Answer>>;
  /** Waits before unprocessed requests are tried again, or throws. */
  backOff: (round: number) => Promise<void>;
}

/**
 * Combines concurrent requests, such as those of a batch of creations, into one call. Each request resolves as soon as
 * it is answered: those left unprocessed for lack of capacity hold up nobody else.
 */
export class Batcher<Request, Answer> {
  readonly #options: BatcherOptions<Request, Answer>;
  #pending = new Map<string, PendingRequest<Request, Answer>>();

  constructor(options: BatcherOptions<Request, Answer>) {
    this.#options = options;
  }

  /** @throws the error of the call that contains the request */
  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      // Once everything that can run now has made its requests.
      if (this.#pending.size === 0) void Promise.resolve().then(() => process.nextTick(() => void this.#callForAll()));
      const key = this.#options.keyOf(request);
      const askers = this.#pending.get(key)?.askers ?? [];
      this.#pending.set(key, { request, askers: [...askers, { resolve, reject }] });
    });
  }

  async #callForAll(): Promise<void> {
    const asked = [...this.#pending];
    this.#pending = new Map();
    const { size, callsAtOnce } = this.#options;
    await inBatches(batchesOf(asked, size), callsAtOnce, (batch) => this.#callUntilDone(new Map(batch)));
  }

  async #callUntilDone(open: Map<string, PendingRequest<Request, Answer>>): Promise<void> {
    const { call, backOff } = this.#options;
    try {
      for (let round = 0; open.size > 0; round += 1) {
        if (round > 0) await backOff(round);
        for (const [key, answer] of await call([...open.values()].map(({ request }) => request))) {
          for (const { resolve } of open.get(key)?.askers ?? []) resolve(answer);
          open.delete(key);
        }
      }
    } catch (error) {
      for (const { askers } of open.values()) for (const { reject } of askers) reject(error);
    }
  }
}
