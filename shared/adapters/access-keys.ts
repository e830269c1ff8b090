import { expiredKeyKeptMs, type AccessKeyRecord } from '../domain/access-key.ts';
import type { AccessKeys, Page } from '../ports.ts';
import { ttlAttribute } from '../schema.ts';
import { accessKeyKey, accessKeyPartition } from './item-keys.ts';
import { toKeyRecord } from './item-readers.ts';
import type { Table } from './table.ts';
import type { Item } from './task-item.ts';

const isNewKey = 'attribute_not_exists(pk)';
const exists = 'attribute_exists(pk)';

/**
 * Access keys in the agents table. All keys share one partition, so that listing them needs no second item that could
 * get out of sync. Its 3,000 reads per second are plenty: the authorizer's results are cached, which leaves one read
 * per key and minute.
 */
export class DynamoDbAccessKeys implements AccessKeys {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async put(key: AccessKeyRecord): Promise<void> {
    const put = await this.#table.put({
      Item: toItem(key),
      ConditionExpression: isNewKey,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    // The same secret: an earlier try was stored and only its response was lost.
    const isOurs = put.written || (put.item && toKeyRecord(put.item).secretHash === key.secretHash);
    if (!isOurs) throw new Error(`The key id ${key.id} is taken`);
  }

  // Consistent: a miss for a brand-new key would be refused, and the refusal cached.
  async get(id: string): Promise<AccessKeyRecord | undefined> {
    const item = await this.#table.get(accessKeyKey(id));
    return item && toKeyRecord(item);
  }

  async list(limit: number, cursor: string | undefined): Promise<Page<AccessKeyRecord>> {
    const page = await this.#table.page(accessKeyPartition, { consistent: true, limit, cursor });
    return { ...page, items: page.items.map(toKeyRecord) };
  }

  async revoke(id: string, now: number): Promise<AccessKeyRecord | undefined> {
    const { written, item } = await this.#table.update({
      Key: accessKeyKey(id),
      ConditionExpression: exists,
      UpdateExpression: 'SET accessKey.revokedAt = if_not_exists(accessKey.revokedAt, :now)',
      ExpressionAttributeValues: { ':now': now },
      ReturnValues: 'ALL_NEW',
    });
    return written && item ? toKeyRecord(item) : undefined;
  }
}

function toItem(key: AccessKeyRecord): Item {
  const { id, expiresAt } = key;
  const ttl = expiresAt === undefined ? undefined : Math.ceil((expiresAt + expiredKeyKeptMs) / 1000);
  return { ...accessKeyKey(id), accessKey: key, [ttlAttribute]: ttl };
}
