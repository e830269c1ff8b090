import type { Clock } from '../ports.ts';
import { ttlAttribute } from '../schema.ts';
import { shardLifeMs } from './checkpoints.ts';
import { poisonKey } from './item-keys.ts';
import type { Table } from './table.ts';
import type { Item } from './task-item.ts';

const isThisHourWithRoom = '#hour = :hour AND #count < :max';
const isNewHour = 'attribute_not_exists(#hour) OR #hour < :hour';

const maxPerHour = 5;
const hourMs = 3600 * 1000;

/**
 * Limits how many records of a shard a stream consumer may dead-letter per hour, so that a bug cannot drain the stream.
 */
export class PoisonLimit {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #consumer: string;

  constructor(table: Table, clock: Clock, consumer: string) {
    this.#table = table;
    this.#clock = clock;
    this.#consumer = consumer;
  }

  /** Counts one more record, and returns whether it may be dead-lettered. */
  async admit(shardId: string): Promise<boolean> {
    const now = this.#clock.now();
    const count = (expression: string, condition: string, values: Item) =>
      this.#table.update({
        Key: poisonKey(this.#consumer, shardId),
        UpdateExpression: `${expression}, #ttl = :ttl`,
        ConditionExpression: condition,
        ExpressionAttributeNames: { '#hour': 'hour', '#count': 'count', '#ttl': ttlAttribute },
        ExpressionAttributeValues: {
          ':hour': Math.floor(now / hourMs),
          ':one': 1,
          ':ttl': Math.ceil((now + shardLifeMs) / 1000),
          ...values,
        },
      });
    const more = { ':max': maxPerHour };
    if ((await count('SET #count = #count + :one', isThisHourWithRoom, more)).written) return true;
    return (await count('SET #hour = :hour, #count = :one', isNewHour, {})).written;
  }
}
