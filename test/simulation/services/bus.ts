import type { PutEventsRequest } from '@aws-sdk/client-eventbridge';
import type { Chance } from '../../support/random.ts';
import type { Deployment } from '../deployment.ts';
import type { Functions } from '../kernel/functions.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import type { Queues } from './queues.ts';

export interface BusFaults {
  /** Shares of the events that are lost, duplicated and delayed. */
  loses: number;
  repeats: number;
  delays: number;
  /** Share of the entries that are refused. */
  refuses: number;
}

export interface PublishedEvent {
  source: string;
  type: string;
  detail: Record<string, unknown>;
}

const retryWaitsMs = [60_000, 120_000];

/**
 * The bus, its rules and the schedules, which invoke functions asynchronously. A failed invocation is retried as Lambda
 * does, and then goes to the function's failure destination.
 */
export class Bus {
  /** All accepted events. */
  readonly published: PublishedEvent[] = [];
  readonly #deployment: Deployment;
  readonly #functions: Functions;
  readonly #queues: Queues;
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  readonly #faults: () => BusFaults;

  constructor(
    deployment: Deployment,
    functions: Functions,
    queues: Queues,
    settings: { scheduler: Scheduler; chance: Chance; faults: () => BusFaults },
  ) {
    this.#deployment = deployment;
    this.#functions = functions;
    this.#queues = queues;
    this.#scheduler = settings.scheduler;
    this.#chance = settings.chance;
    this.#faults = settings.faults;
  }

  put({ Entries = [] }: PutEventsRequest): object {
    if (Entries.length === 0 || Entries.length > 10) throw new Error('EventBridge takes 1 to 10 entries.');
    const results = Entries.map(({ Source = '', DetailType = '', Detail = '{}' }) => {
      if (this.#chance.happens(this.#faults().refuses))
        return { ErrorCode: 'InternalFailure', ErrorMessage: 'of the simulation' };
      const detail = JSON.parse(Detail) as Record<string, unknown>;
      this.published.push({ source: Source, type: DetailType, detail });
      this.#deliver({ source: Source, 'detail-type': DetailType, detail });
      return { EventId: 'event' };
    });
    return { FailedEntryCount: results.filter((one) => 'ErrorCode' in one).length, Entries: results };
  }

  #deliver(event: object): void {
    const { loses, repeats, delays } = this.#faults();
    for (const { matches, functionName } of this.#deployment.rules) {
      if (!matches(event) || this.#chance.happens(loses)) continue;
      const copies = this.#chance.happens(repeats) ? 2 : 1;
      for (let n = 0; n < copies; n += 1) {
        const late = this.#chance.happens(delays) ? this.#chance.fraction() * 300_000 : 0;
        this.#scheduler.after(10 + this.#chance.fraction() * 200 + late, () => void this.#start(functionName, event));
      }
    }
  }

  async #start(functionName: string, event: unknown): Promise<void> {
    const { retries = 0, failuresUrl } = this.#deployment.functions.get(functionName) ?? {};
    for (let n = 0; n <= retries; n += 1) {
      const outcome = await this.#functions.invoke(functionName, event);
      if (!('error' in outcome)) return;
      if (n < retries) await this.#scheduler.sleep(retryWaitsMs[n] ?? 120_000);
    }
    if (failuresUrl === undefined) return;
    this.#queues.send({ QueueUrl: failuresUrl, MessageBody: JSON.stringify({ requestPayload: event }) });
  }
}
