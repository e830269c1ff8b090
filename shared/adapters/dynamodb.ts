import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocumentClient,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { batchesOf, inBatches } from '../batches.ts';
import type { primaryKey } from '../schema.ts';
import { busy } from './aws-errors.ts';
import type { Item } from './task-item.ts';

export type Documents = DynamoDBDocumentClient;

/**
 * The client for both tables. `undefined` means absent everywhere in this code. A map with the key `constructor`, a name like
 * any other, is taken for an instance of a class.
 */
export const documents = (client = new DynamoDBClient({})): Documents =>
  DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true, convertClassInstanceToMap: true },
  });

/** What became of a conditional write: the item as it is after it, or, when the condition did not hold, as it stands. */
export type Written = { written: true; item: Item | undefined } | { written: false; item: Item | undefined };

/**
 * Sends a conditional write. A condition that does not hold is a value; every other error passes.
 * Ask for the old item on failure, so that the loser learns why without a read.
 */
export async function conditionally(send: () => Promise<{ Attributes?: Item | undefined }>): Promise<Written> {
  try {
    return { written: true, item: (await send()).Attributes };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { written: false, item: error.Item && unmarshall(error.Item) };
  }
}

type ItemKey = Record<(typeof primaryKey)['partition' | 'sort'], string>;

/** What DynamoDB takes in one call. */
const itemsPerRead = 100;
const itemsPerWrite = 25;
const callsAtOnce = 10;

/** Reads any number of items by key, 100 a call, until all are answered. Unknown ones are left out; the order is not kept. */
export async function getItems(
  client: Documents,
  table: string,
  keys: readonly ItemKey[],
  consistent: boolean,
): Promise<Item[]> {
  const unique = [...new Map(keys.map((key) => [`${key.pk} ${key.sk}`, key])).values()];
  const answers = await inBatches(batchesOf(unique, itemsPerRead), callsAtOnce, async (batch) => {
    const items: Item[] = [];
    let open: Item[] = batch;
    for (let round = 0; open.length > 0; round += 1) {
      if (round > 0) await pause(round);
      const request = { [table]: { Keys: open, ConsistentRead: consistent } };
      const answer = await client.send(new BatchGetCommand({ RequestItems: request }));
      items.push(...(answer.Responses?.[table] ?? []));
      open = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return items;
  });
  return answers.flat();
}

/** Puts or deletes any number of items, 25 a call, until all are written. */
export async function writeItems(
  client: Documents,
  table: string,
  writes: readonly ({ put: Item } | { delete: ItemKey })[],
): Promise<void> {
  const requests = writes.map((write) =>
    'put' in write ? { PutRequest: { Item: write.put } } : { DeleteRequest: { Key: write.delete } },
  );
  await inBatches(batchesOf(requests, itemsPerWrite), callsAtOnce, async (batch) => {
    let open = batch;
    for (let round = 0; open.length > 0; round += 1) {
      if (round > 0) await pause(round);
      const answer = await client.send(new BatchWriteCommand({ RequestItems: { [table]: open } }));
      open = (answer.UnprocessedItems?.[table] as typeof open | undefined) ?? [];
    }
  });
}

/** DynamoDB throttles a batch by leaving part of it undone: back off as its documentation asks, then give up loudly. */
async function pause(round: number): Promise<void> {
  if (round > 8) throw busy('DynamoDB leaves part of a batch undone');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** round));
}

/** All items of a partition, page after page: only for partitions that stay small. */
export async function queryAll(
  client: Documents,
  table: string,
  partition: string,
  consistent: boolean,
  prefix = '',
): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const answer: QueryCommandOutput = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: consistent,
        KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': partition, ...(prefix !== '' && { ':prefix': prefix }) },
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    items.push(...(answer.Items ?? []));
    start = answer.LastEvaluatedKey;
  } while (start);
  return items;
}
