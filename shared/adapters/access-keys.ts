import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expiredKeyKeptMs, type AccessKeyRecord } from '../domain/access-key.ts';
import type { AccessKeys } from '../ports.ts';
import { ttlAttribute } from '../schema.ts';
import { conditionally, type Documents } from './dynamodb.ts';
import { accessKeyKey, accessKeyPartition } from './item-keys.ts';
import type { Item } from './task-item.ts';

const isNewKey = 'attribute_not_exists(pk)';
const exists = 'attribute_exists(pk)';

/**
 * Access keys in the agents table. All of them are in one partition, so that listing them needs no second item that could get
 * out of step: at one read a minute and key (the authorizer's answers are cached) its 3,000 reads a second are plenty.
 */
export function accessKeysOn(client: Documents, table: string): AccessKeys {
  return {
    async put(key) {
      const put = await conditionally(() =>
        client.send(
          new PutCommand({
            TableName: table,
            Item: toItem(key),
            ConditionExpression: isNewKey,
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      // The same secret: an earlier try had been stored and only its answer was lost.
      const isOurs = put.written || (put.item && toKeyRecord(put.item).secretHash === key.secretHash);
      if (!isOurs) throw new Error(`The key id ${key.id} is taken`);
    },

    // Consistent: a new key that is not seen yet would be refused, and the refusal cached.
    async get(id) {
      const get = new GetCommand({ TableName: table, Key: accessKeyKey(id), ConsistentRead: true });
      const { Item } = await client.send(get);
      return Item && toKeyRecord(Item);
    },

    async list(limit, cursor) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :keys',
          ExpressionAttributeValues: { ':keys': accessKeyPartition },
          ExclusiveStartKey: cursor === undefined ? undefined : accessKeyKey(cursor),
          Limit: limit,
          ConsistentRead: true,
        }),
      );
      const last = LastEvaluatedKey?.['sk'] as string | undefined;
      return { items: Items.map(toKeyRecord), ...(last !== undefined && { cursor: last }) };
    },

    async revoke(id, now) {
      const { written, item } = await conditionally(() =>
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: accessKeyKey(id),
            ConditionExpression: exists,
            UpdateExpression: 'SET accessKey.revokedAt = if_not_exists(accessKey.revokedAt, :now)',
            ExpressionAttributeValues: { ':now': now },
            ReturnValues: 'ALL_NEW',
          }),
        ),
      );
      return written && item ? toKeyRecord(item) : undefined;
    },
  };
}

function toItem(key: AccessKeyRecord): Item {
  const { id, expiresAt } = key;
  const ttl = expiresAt === undefined ? undefined : Math.ceil((expiresAt + expiredKeyKeptMs) / 1000);
  return { ...accessKeyKey(id), accessKey: key, [ttlAttribute]: ttl };
}

const toKeyRecord = (item: Item) => item['accessKey'] as AccessKeyRecord;
