import type { CountedBatch } from '../ports.ts';
import type { ItemKey, Table } from './table.ts';
import type { Item } from './task-item.ts';

/*
 * Counts that are kept by the stream have a checkpoint for each of its shards: the last change that is in them. Both are written
 * together, so that a batch that is seen again counts nothing twice.
 */

const isNotCountedYet = '(attribute_not_exists(#checkpoint) OR #checkpoint < :first)';
const isCheckpointAsRead = '#checkpoint = :read';

const checkpointPrefix = 'shard:';
/** Stream records live for 24 hours, and their shards with them. Each checkpoint makes the write that counts a batch larger. */
export const shardLifeMs = 26 * 3600 * 1000;

/** Sequence numbers are decimal numbers of different lengths: padded, they compare as strings. */
const padded = (sequenceNumber: string) => sequenceNumber.padStart(40, '0');

/** The parts of an update that count some changes of a shard: where its checkpoint moves, if they were not counted yet. */
export function checkpointMove({ shardId, changes }: CountedBatch, now: number) {
  const [first, last] = [changes[0], changes.at(-1)];
  return {
    set: '#checkpoint = :last',
    isNotCountedYet,
    names: { '#checkpoint': `${checkpointPrefix}${shardId}` },
    values: {
      ':first': padded(first?.sequenceNumber ?? ''),
      ':last': `${padded(last?.sequenceNumber ?? '')}@${now}`,
    },
  };
}

/** The changes of a batch that are behind the checkpoint of their shard. */
export function uncountedOf({ shardId, changes }: CountedBatch, item: Item): CountedBatch['changes'] {
  const counted = String(item[`${checkpointPrefix}${shardId}`]).slice(0, 40);
  return changes.filter(({ sequenceNumber }) => padded(sequenceNumber) > counted);
}

const checkpointsIn = (item: Item) =>
  Object.entries(item)
    .filter(([name]) => name.startsWith(checkpointPrefix))
    .map(([name, value]) => ({ name, value, at: Number(String(value).split('@')[1]) }));

/** When something was last added to the counts. */
export const countedAt = (item: Item) => checkpointsIn(item).reduce((last, { at }) => Math.max(last, at), 0);

/** Drops the checkpoints of shards that have expired. */
export async function dropExpired(table: Table, key: ItemKey, item: Item, now: number): Promise<void> {
  for (const { name, value, at } of checkpointsIn(item)) {
    if (now - at < shardLifeMs) continue;
    await table.update({
      Key: key,
      UpdateExpression: 'REMOVE #checkpoint',
      ConditionExpression: isCheckpointAsRead,
      ExpressionAttributeNames: { '#checkpoint': name },
      ExpressionAttributeValues: { ':read': value },
    });
  }
}
