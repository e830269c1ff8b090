import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  type PutItemCommandInput,
  type QueryCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Page } from '../ports.ts';
import type { primaryKey } from '../schema.ts';
import { withoutRetries } from './aws-clients.ts';
import { busy } from './aws-errors.ts';
import { Batcher } from './batcher.ts';
import type { Item } from './task-item.ts';

/** The primary key of an item. */
export type ItemKey = Record<(typeof primaryKey)['partition' | 'sort'], string>;

/** The outcome of a write: the item after it or, if the condition failed, the current item, if requested. */
export interface Written {
  written: boolean;
  item: Item | undefined;
}

interface PartitionRange {
  /** Only items whose sort key begins with this. */
  prefix?: string;
  consistent: boolean;
  limit?: number;
  /** Where the previous page ended. */
  cursor?: string | undefined;
}

/** Plain values in place of DynamoDB attribute values. */
interface PlainValues {
  ExpressionAttributeValues?: Item;
}

type Call<Input, Plain = object> = Omit<Input, 'TableName' | keyof PlainValues | keyof Plain> & PlainValues & Plain;

type KeyedCall<Input> = Call<Input, { Key: ItemKey }>;

type Attributes = Record<string, AttributeValue>;

/** DynamoDB's limits per call. */
const itemsPerRead = 100;
const itemsPerWrite = 25;
const batching = { callsAtOnce: 10, backOff: pause };

/**
 * Converts an item to attribute values. `undefined` means absent everywhere in this code. A map with the key
 * `constructor`, a name like any other, would be mistaken for a class instance.
 */
const attributesOf = (item: Item) => marshall(item, { removeUndefinedValues: true, convertClassInstanceToMap: true });

const withAttributes = <Input extends PlainValues>({ ExpressionAttributeValues: values, ...input }: Input) => ({
  ...input,
  ...(values && { ExpressionAttributeValues: attributesOf(values) }),
});

const itemsOf = ({ Items: items = [] }: { Items?: Attributes[] | undefined }): Item[] =>
  items.map((item) => unmarshall(item));

const textOf = (key: Item) => `${String(key['pk'])} ${String(key['sk'])}`;

/**
 * A DynamoDB table. A failed condition is a value: request the old item (`ReturnValuesOnConditionCheckFailure`), so
 * that the loser learns why without a read. All other errors pass through.
 */
export class Table {
  readonly #client: DynamoDBClient;
  readonly #name: string;
  readonly #mayUse: () => Promise<void>;
  readonly #reads = this.#batchedReads(false);
  readonly #consistentReads = this.#batchedReads(true);
  readonly #puts = this.#batchedPuts();
  #once: DynamoDBClient | undefined;

  /**
   * @param mayUse throws if the stored data must not be used; nothing is written or returned before it resolves
   * @param once the client for calls that must not be retried; by default derived from the other one on first use
   */
  constructor(client: DynamoDBClient, name: string, mayUse = () => Promise.resolve(), once?: DynamoDBClient) {
    this.#client = client;
    this.#name = name;
    this.#mayUse = mayUse;
    this.#once = once;
  }

  /** Reads one item, consistently by default. */
  async get(key: ItemKey, consistent = true): Promise<Item | undefined> {
    const get = new GetItemCommand({ TableName: this.#name, Key: attributesOf(key), ConsistentRead: consistent });
    const { Item: item } = await this.#read(this.#client.send(get));
    return item && unmarshall(item);
  }

  put({ Item: item, ...input }: Call<PutItemCommandInput, { Item: Item }>): Promise<Written> {
    return this.#write(() => {
      const put = { ...withAttributes(input), TableName: this.#name, Item: attributesOf(item) };
      return this.#client.send(new PutItemCommand(put));
    });
  }

  update(input: KeyedCall<UpdateItemCommandInput>): Promise<Written> {
    return this.#write(() => this.#client.send(this.#updateOf(input)));
  }

  /** An update that is not retried when it fails. */
  updateOnce(input: KeyedCall<UpdateItemCommandInput>): Promise<Written> {
    this.#once ??= withoutRetries(this.#client);
    const once = this.#once;
    return this.#write(() => once.send(this.#updateOf(input)));
  }

  delete({ Key: key, ...input }: KeyedCall<DeleteItemCommandInput>): Promise<Written> {
    return this.#write(() => {
      const remove = { ...withAttributes(input), TableName: this.#name, Key: attributesOf(key) };
      return this.#client.send(new DeleteItemCommand(remove));
    });
  }

  /** Queries the table or one of its indexes. */
  async query(input: Call<QueryCommandInput>): Promise<Item[]> {
    const query = new QueryCommand({ ...withAttributes(input), TableName: this.#name });
    return itemsOf(await this.#read(this.#client.send(query)));
  }

  /** One page of a partition, ordered by sort key. */
  async page(partition: string, { prefix = '', consistent, limit, cursor }: PartitionRange): Promise<Page<Item>> {
    const query = new QueryCommand({
      TableName: this.#name,
      ConsistentRead: consistent,
      KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: attributesOf({ ':pk': partition, ...(prefix !== '' && { ':prefix': prefix }) }),
      Limit: limit,
      ...(cursor !== undefined && { ExclusiveStartKey: attributesOf({ pk: partition, sk: cursor }) }),
    });
    const answer = await this.#read(this.#client.send(query));
    const last = answer.LastEvaluatedKey?.['sk']?.S;
    return { items: itemsOf(answer), ...(last !== undefined && { cursor: last }) };
  }

  /** All items of a partition, page by page; only for partitions that stay small. */
  async all(partition: string, part: Omit<PartitionRange, 'limit' | 'cursor'>): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.page(partition, { ...part, cursor });
      items.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return items;
  }

  /** Reads any number of items until all are answered. Unknown ones are skipped; the order is not kept. */
  async getMany(keys: readonly ItemKey[], consistent: boolean): Promise<Item[]> {
    if (keys.length === 0) return [];
    const unique = [...new Map(keys.map((key) => [textOf(key), key])).values()];
    const reads = consistent ? this.#consistentReads : this.#reads;
    const found = await this.#read(Promise.all(unique.map((key) => reads.ask(key))));
    return found.filter((item) => item !== undefined);
  }

  /** Puts any number of items until all are written. */
  async putMany(items: readonly Item[]): Promise<void> {
    await this.#mayUse();
    await Promise.all(items.map((item) => this.#puts.ask(item)));
  }

  #batchedReads(consistent: boolean): Batcher<Item, Item | undefined> {
    return new Batcher({
      ...batching,
      size: itemsPerRead,
      keyOf: textOf,
      call: async (keys) => {
        const request = { [this.#name]: { Keys: keys.map(attributesOf), ConsistentRead: consistent } };
        const answer = await this.#client.send(new BatchGetItemCommand({ RequestItems: request }));
        const unprocessed = new Set(
          (answer.UnprocessedKeys?.[this.#name]?.Keys ?? []).map((key) => textOf(unmarshall(key))),
        );
        const items = new Map(itemsOf({ Items: answer.Responses?.[this.#name] }).map((item) => [textOf(item), item]));
        const done = keys.map(textOf).filter((key) => !unprocessed.has(key));
        return new Map(done.map((key) => [key, items.get(key)]));
      },
    });
  }

  #batchedPuts(): Batcher<Item, undefined> {
    return new Batcher({
      ...batching,
      size: itemsPerWrite,
      keyOf: textOf,
      call: async (items) => {
        const puts = items.map((item) => ({ PutRequest: { Item: attributesOf(item) } }));
        const answer = await this.#client.send(new BatchWriteItemCommand({ RequestItems: { [this.#name]: puts } }));
        const left = answer.UnprocessedItems?.[this.#name] ?? [];
        const unprocessed = new Set(left.map(({ PutRequest }) => textOf(unmarshall(PutRequest?.Item ?? {}))));
        return new Map(items.map(textOf).flatMap((key) => (unprocessed.has(key) ? [] : [[key, undefined]])));
      },
    });
  }

  #updateOf({ Key: key, ...input }: KeyedCall<UpdateItemCommandInput>): UpdateItemCommand {
    return new UpdateItemCommand({ ...withAttributes(input), TableName: this.#name, Key: attributesOf(key) });
  }

  /** Checks in parallel, so reads do not take longer. */
  async #read<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const [read] = await Promise.all([answer, this.#mayUse()]);
    return read;
  }

  async #write(write: () => Promise<{ Attributes?: Attributes | undefined }>): Promise<Written> {
    await this.#mayUse();
    return outcomeOfWrite(write());
  }
}

async function outcomeOfWrite(write: Promise<{ Attributes?: Attributes | undefined }>): Promise<Written> {
  try {
    const { Attributes: item } = await write;
    return { written: true, item: item && unmarshall(item) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { written: false, item: error.Item && unmarshall(error.Item) };
  }
}

/**
 * DynamoDB throttles a batch by leaving part of it unprocessed: backs off as its documentation asks, and eventually
 * throws.
 */
export async function pause(round: number): Promise<void> {
  if (round > 8) throw busy('DynamoDB left part of a batch unprocessed');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** round));
}
