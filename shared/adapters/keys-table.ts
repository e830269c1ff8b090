import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expiredKeyKeptMs, type KeyRecord } from '../domain/key.ts';
import type { Keys } from '../ports.ts';
import { conditionally, type Documents } from './dynamodb.ts';
import { accessKey, keyPartition } from './keys.ts';
import type { Item } from './task-item.ts';

const isNew = 'attribute_not_exists(pk)';
const exists = 'attribute_exists(pk)';

/**
 * Access keys in the agents table. All of them are in one partition, so that listing them needs no second item that could get
 * out of step: at one read a minute and key (the authorizer's answers are cached) its 3,000 reads a second are plenty.
 */
export function keysOn(client: Documents, table: string): Keys {
  return {
    async put(key) {
      const put = await conditionally(() =>
        client.send(
          new PutCommand({
            TableName: table,
            Item: toItem(key),
            ConditionExpression: isNew,
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      // The same secret: an earlier try had been stored and only its answer was lost.
      const isOurs = put.written || (put.item && toRecord(put.item).secretHash === key.secretHash);
      if (!isOurs) throw new Error(`The key id ${key.id} is taken`);
    },

    // Consistent: a new key that is not seen yet would be refused, and the refusal cached.
    async get(id) {
      const get = new GetCommand({ TableName: table, Key: accessKey(id), ConsistentRead: true });
      const { Item } = await client.send(get);
      return Item && toRecord(Item);
    },

    async list(limit, cursor) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :keys',
          ExpressionAttributeValues: { ':keys': keyPartition },
          ExclusiveStartKey: cursor === undefined ? undefined : accessKey(cursor),
          Limit: limit,
          ConsistentRead: true,
        }),
      );
      const last = LastEvaluatedKey?.['sk'] as string | undefined;
      return { items: Items.map(toRecord), ...(last !== undefined && { cursor: last }) };
    },

    async revoke(id, now) {
      const { written, item } = await conditionally(() =>
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: accessKey(id),
            ConditionExpression: exists,
            UpdateExpression: 'SET accessKey.revokedAt = if_not_exists(accessKey.revokedAt, :now)',
            ExpressionAttributeValues: { ':now': now },
            ReturnValues: 'ALL_NEW',
          }),
        ),
      );
      return written && item ? toRecord(item) : undefined;
    },
  };
}

function toItem(key: KeyRecord): Item {
  const { id, expiresAt } = key;
  const ttl = expiresAt === undefined ? undefined : Math.ceil((expiresAt + expiredKeyKeptMs) / 1000);
  return { ...accessKey(id), accessKey: key, ttl };
}

const toRecord = (item: Item) => item['accessKey'] as KeyRecord;
