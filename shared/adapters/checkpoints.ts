import type { CountedBatch } from '../ports.ts';
import type { ItemKey, Table } from './table.ts';
import type { Item } from './task-item.ts';

/*
 * Counts kept by a stream consumer have a checkpoint per shard: the last change they include. Both are updated in one
 * write, so that a batch delivered twice is counted once.
 */

const isNotCountedYet = '(attribute_not_exists(#checkpoint) OR #checkpoint < :first)';
const isCheckpointAsRead = '#checkpoint = :read';

const checkpointPrefix = 'shard:';
/**
 * Stream records live for 24 hours, and so do their shards. Each checkpoint adds to the size of every counting write.
 */
export const shardLifeMs = 26 * 3600 * 1000;

/** Sequence numbers are decimal numbers of varying length; padded, they compare as strings. */
const padded = (sequenceNumber: string) => sequenceNumber.padStart(40, '0');

/**
 * The update clauses that count changes of a shard: they move its checkpoint, unless the changes are counted already.
 */
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

/** The changes of a batch after the checkpoint of its shard. */
export function uncountedOf({ shardId, changes }: CountedBatch, item: Item): CountedBatch['changes'] {
  const counted = String(item[`${checkpointPrefix}${shardId}`]).slice(0, 40);
  return changes.filter(({ sequenceNumber }) => padded(sequenceNumber) > counted);
}

const checkpointsIn = (item: Item) =>
  Object.entries(item)
    .filter(([name]) => name.startsWith(checkpointPrefix))
    .map(([name, value]) => ({ name, value, at: Number(String(value).split('@')[1]) }));

/** When the counts were last updated. */
export const countedAt = (item: Item) => checkpointsIn(item).reduce((last, { at }) => Math.max(last, at), 0);

/** Removes the checkpoints of expired shards. */
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
