import type { Chance } from '../../support/random.ts';
import type { Deployment } from '../deployment.ts';
import type { ItemChange } from '../dynamodb/table.ts';
import type { Item } from '../dynamodb/values.ts';
import type { Functions } from '../kernel/functions.ts';
import type { Scheduler } from '../kernel/scheduler.ts';

interface StreamRecord {
  eventID: string;
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  dynamodb: {
    Keys: Item;
    OldImage?: Item;
    NewImage?: Item;
    SequenceNumber: string;
    ApproximateCreationDateTime: number;
  };
}

interface Shard {
  id: string;
  records: StreamRecord[];
  /** Shards whose records precede those of this one. */
  parents: readonly Shard[];
  isOpen: boolean;
  isBusy: boolean;
}

export interface StreamFaults {
  /** Share of the batches that are delivered again after they were handled. */
  repeats: number;
  /** Share of the writes after which a shard is split. */
  splits: number;
}

type Mapping = Deployment['streamMappings'][number];

/**
 * A table's stream and the mapping that delivers it to a function: each shard in order, one batch at a time, at least
 * once.
 */
export class Stream {
  readonly #mapping: Mapping;
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  readonly #faults: () => StreamFaults;
  #shards: Shard[];
  #functions: Functions | undefined;
  #isPolling = false;
  #records = 0;
  #opened = 0;

  constructor(mapping: Mapping, settings: { scheduler: Scheduler; chance: Chance; faults: () => StreamFaults }) {
    this.#mapping = mapping;
    this.#scheduler = settings.scheduler;
    this.#chance = settings.chance;
    this.#faults = settings.faults;
    this.#shards = [this.#open([]), this.#open([])];
  }

  get isEmpty(): boolean {
    return this.#shards.every(({ records }) => records.length === 0);
  }

  add({ before, after, at }: ItemChange, keys: Item): void {
    const open = this.#shards.filter(({ isOpen }) => isOpen);
    const shard = open[hash(keys['pk']?.S ?? '') % open.length];
    if (!shard) return;
    this.#records += 1;
    const record: StreamRecord = {
      eventID: `record-${this.#records}`,
      eventName: !before ? 'INSERT' : !after ? 'REMOVE' : 'MODIFY',
      dynamodb: {
        Keys: keys,
        ...(before && { OldImage: before }),
        ...(after && { NewImage: after }),
        SequenceNumber: String(100 + this.#records * 7),
        ApproximateCreationDateTime: Math.floor(at / 1000),
      },
    };
    if (this.#mapping.matches(record)) shard.records.push(record);
    if (this.#chance.happens(this.#faults().splits)) this.#split();
    this.#pollSoon();
  }

  connect(functions: Functions): void {
    this.#functions = functions;
  }

  /** Schedules a poll for records to deliver. */
  #pollSoon(): void {
    if (this.#isPolling) return;
    this.#isPolling = true;
    this.#scheduler.after(50 + this.#chance.fraction() * 200 + this.#mapping.batchingMs, () => {
      this.#isPolling = false;
      for (const shard of this.#shards) if (!shard.isBusy && this.#isNext(shard)) void this.#consume(shard);
    });
  }

  /** Reshards the stream: each open shard ends, and as many new ones, or one more, take over. */
  #split(): void {
    this.#shards = this.#shards.filter(({ records, isBusy }) => records.length > 0 || isBusy);
    for (const shard of this.#shards) shard.isOpen = false;
    const count = 1 + Math.floor(this.#chance.fraction() * 3);
    // A partition may continue in any of the new ones, so they all wait for all old ones.
    const opened = Array.from({ length: count }, () => this.#open(this.#shards));
    this.#shards = [...this.#shards, ...opened];
  }

  #open(parents: readonly Shard[]): Shard {
    this.#opened += 1;
    return { id: `shardId-${this.#opened}`, records: [], parents, isOpen: true, isBusy: false };
  }

  #isNext(shard: Shard): boolean {
    if (shard.records.length === 0) return false;
    return shard.parents.every(({ records, isBusy }) => records.length === 0 && !isBusy);
  }

  async #consume(shard: Shard): Promise<void> {
    const { batchSize, bisects } = this.#mapping;
    shard.isBusy = true;
    const limit = this.#chance.happens(0.5) ? batchSize : 1 + Math.floor(this.#chance.fraction() * batchSize);
    let batch = shard.records.slice(0, limit);
    for (let failures = 0; batch.length > 0;) {
      const done = await this.#invoke(shard, batch);
      if (this.#chance.happens(this.#faults().repeats)) continue;
      shard.records.splice(0, done);
      batch = batch.slice(done);
      if (batch.length === 0) break;
      failures += 1;
      if (bisects && batch.length > 1) batch = batch.slice(0, Math.ceil(batch.length / 2));
      await this.#scheduler.sleep(Math.min(60_000, 100 * 2 ** failures));
    }
    shard.isBusy = false;
    this.#pollSoon();
  }

  /** @returns how many of the records were handled */
  async #invoke(shard: Shard, batch: readonly StreamRecord[]): Promise<number> {
    const { functionName, windowMs } = this.#mapping;
    const start = Math.floor(this.#scheduler.now / (windowMs || 1)) * windowMs;
    const outcome = await this.#functions?.invoke(functionName, {
      Records: batch.map((record) => wire(record)),
      shardId: shard.id,
      window: { start: new Date(start).toISOString(), end: new Date(start + windowMs).toISOString() },
      state: {},
      isFinalInvokeForWindow: false,
      isWindowTerminatedEarly: false,
    });
    if (!outcome || 'error' in outcome) return 0;
    const { batchItemFailures = [] } = (outcome.result ?? {}) as { batchItemFailures?: { itemIdentifier: string }[] };
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const first = batch.findIndex(({ dynamodb }) => failed.has(dynamodb.SequenceNumber));
    return first < 0 ? batch.length : first;
  }
}

/** Encodes binary values in base64, as in an event. */
function wire(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(wire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, wire(part)]));
}

const hash = (text: string) => Buffer.from(text).reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 7);
