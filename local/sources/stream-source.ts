import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { callEdge } from '../edge/call-edge.ts';
import { compilePattern } from '../bus/pattern.ts';
import type { Matches } from '../bus/pattern.ts';
import type { AwsCall } from '../edge/edge.ts';
import { sendToDestination } from '../host/failure-destination.ts';
import { Positions } from './positions.ts';
import { ShardConsumer } from './shard-consumer.ts';
import { ShardReader } from './shard-reader.ts';
import type { Mapping, Source, SourceSettings } from './source.ts';
import type { StreamRecord } from './stream-event.ts';

const describeRetryMs = 250;

interface Shard {
  ShardId?: string;
  ParentShardId?: string;
}

interface Description {
  StreamDescription?: { Shards?: Shard[] };
}

/** Delivers the changes of one table to a function, shard by shard, each parent before its children. */
export class StreamSource implements Source {
  readonly #mapping: Mapping;
  readonly #settings: SourceSettings;
  readonly #tableName: string;
  readonly #trim: (sequenceNumber: string) => void;
  readonly #positions: Positions;
  readonly #stopping = new AbortController();
  readonly #readers = new Map<string, ShardReader>();
  readonly #finished = new Set<string>();
  readonly #running: Promise<void>;
  readonly #unhook: () => void;
  #writes = 0;

  /** @param trim called with the last record it has handled */
  constructor(mapping: Mapping, tableName: string, settings: SourceSettings, trim: (sequenceNumber: string) => void) {
    this.#mapping = mapping;
    this.#trim = trim;
    this.#settings = settings;
    this.#tableName = tableName;
    this.#positions = new Positions(join(settings.folder, 'positions', `${mapping.logicalId}.db`));
    // Counted before the writer gets its response: from then on, the stream is not drained.
    this.#unhook = settings.edge.intercept(async (call, next) => {
      const answer = await next();
      if (answer?.status === 200 && writesTo(call, tableName)) this.#noteWrite();
      return answer;
    });
    this.#running = this.#readShards();
  }

  async backlog(): Promise<string | undefined> {
    const readers = [...this.#readers.values()];
    const drained = readers.length > 0 && readers.every((reader) => reader.drained);
    return Promise.resolve(drained ? undefined : `the stream of ${this.#tableName} is not drained`);
  }

  wake(): void {
    for (const reader of this.#readers.values()) reader.wake();
  }

  flush(): boolean {
    return [...this.#readers.values()].filter((reader) => reader.flush()).length > 0;
  }

  async stop(): Promise<void> {
    this.#unhook();
    this.#stopping.abort();
    await this.#running;
    this.#positions.close();
  }

  /** Lambda's pollers act in the role of the function. */
  get #caller(): string {
    const { template } = this.#settings;
    const { logicalId, properties } = this.#mapping;
    return template.get('AWS::Lambda::Function', properties.FunctionName, logicalId).logicalId;
  }

  #noteWrite(): void {
    this.#writes += 1;
    this.wake();
  }

  /** Starts a reader for each shard whose parent has been read to its end; called again when a reader ends. */
  async #readShards(): Promise<void> {
    const streamArn = this.#settings.streams.get(this.#tableName) ?? '';
    const shards = await this.#describeShards(streamArn);
    const ids = new Set(shards.map(({ ShardId }) => ShardId));
    const isDue = ({ ShardId = '', ParentShardId }: Shard): boolean =>
      !this.#readers.has(ShardId) &&
      !this.#finished.has(ShardId) &&
      (ParentShardId === undefined || !ids.has(ParentShardId) || this.#finished.has(ParentShardId));
    await Promise.all(shards.filter(isDue).map((shard) => this.#readShard(streamArn, shard.ShardId ?? '')));
  }

  async #describeShards(streamArn: string): Promise<Shard[]> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const { StreamDescription } = await this.#call<Description>('DescribeStream', { StreamArn: streamArn });
        return StreamDescription?.Shards ?? [];
      } catch (error) {
        this.#warn(`Describing the stream of ${this.#tableName} failed, retrying: ${String(error)}`);
        await delay(describeRetryMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return [];
  }

  #call<Answer>(action: string, request: object): Promise<Answer> {
    const target = `DynamoDBStreams_20120810.${action}`;
    return callEdge<Answer>(this.#settings.edge, this.#caller, target, request, this.#stopping.signal);
  }

  /** Errors while it is stopping are expected. */
  #warn(message: string): void {
    if (!this.#stopping.signal.aborted) this.#settings.warn(message);
  }

  async #readShard(streamArn: string, shardId: string): Promise<void> {
    const reader = new ShardReader({
      call: (action, request) => this.#call(action, request),
      streamArn,
      shardId,
      consumer: this.#consumer(shardId),
      writes: () => this.#writes,
      clock: this.#settings.clock,
      batchSize: batchSizeOf(this.#mapping),
      batchingMs: this.#mapping.properties.MaximumBatchingWindowInSeconds * 1000,
      trim: this.#trim,
      signal: this.#stopping.signal,
      warn: (message) => this.#warn(message),
    });
    this.#readers.set(shardId, reader);
    await reader.run();
    if (this.#stopping.signal.aborted) return;
    this.#finished.add(shardId);
    this.#readers.delete(shardId);
    await this.#readShards();
  }

  #consumer(shardId: string): ShardConsumer {
    const { clock, invoke } = this.#settings;
    const { logicalId, properties } = this.#mapping;
    const { MaximumRetryAttempts } = properties;
    return new ShardConsumer(logicalId, {
      shardId,
      eventSourceArn: properties.EventSourceArn,
      matches: filterOf(this.#mapping),
      batchSize: batchSizeOf(this.#mapping),
      bisects: properties.BisectBatchOnFunctionError,
      reportsItems: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      maximumRetries: MaximumRetryAttempts < 0 ? Infinity : MaximumRetryAttempts,
      windowMs: properties.TumblingWindowInSeconds * 1000,
      clock,
      positions: this.#positions,
      invoke: (event) => invoke(properties.FunctionName, event),
      giveUp: (records, shard, attempts) => this.#giveUp(records, shard, attempts),
      signal: this.#stopping.signal,
    });
  }

  /** Sends the position of the batch, not its records, to the failure destination. */
  async #giveUp(records: StreamRecord[], shardId: string, attempts: number): Promise<void> {
    const { clock, edge, template, warn } = this.#settings;
    const { logicalId, properties } = this.#mapping;
    const destination = properties.DestinationConfig?.OnFailure?.Destination;
    warn(`${logicalId} gave up ${records.length} records after ${attempts} attempts`);
    if (destination === undefined) return;
    const [first, last] = [records.at(0)?.dynamodb, records.at(-1)?.dynamodb];
    const time = (seconds = 0): string => new Date(seconds * 1000).toISOString();
    const DDBStreamBatchInfo = {
      shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: time(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: time(last?.ApproximateCreationDateTime),
      batchSize: records.length,
      streamArn: properties.EventSourceArn,
    };
    await sendToDestination(template, edge, {
      functionName: properties.FunctionName,
      destination,
      condition: 'RetryAttemptsExhausted',
      attempts,
      now: clock.now(),
      about: { DDBStreamBatchInfo },
    });
  }
}

const writeActions = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);

function writesTo({ service, action, body }: AwsCall, tableName: string): boolean {
  if (service !== 'dynamodb' || !writeActions.has(action)) return false;
  if ('TableName' in body) return body['TableName'] === tableName;
  return JSON.stringify(body).includes(JSON.stringify(tableName));
}

const batchSizeOf = ({ properties }: Mapping) => properties.BatchSize ?? 100;

function filterOf({ properties }: Mapping): Matches {
  const filters = properties.FilterCriteria?.Filters ?? [];
  const patterns = filters.map(({ Pattern }) => compilePattern(JSON.parse(Pattern)));
  return (event) => patterns.length === 0 || patterns.some((matches) => matches(event));
}
