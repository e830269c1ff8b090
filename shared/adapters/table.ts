import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type DeleteCommandInput,
  type DynamoDBDocumentClient,
  type PutCommandInput,
  type QueryCommandInput,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Page } from '../ports.ts';
import type { primaryKey } from '../schema.ts';
import { triedOnce } from './aws-clients.ts';
import { busy } from './aws-errors.ts';
import { Batcher } from './batcher.ts';
import type { Item } from './task-item.ts';

/** The primary key of an item. */
export type ItemKey = Record<(typeof primaryKey)['partition' | 'sort'], string>;

/** What became of a write: the item as it is after it, or, when its condition did not hold, as it stands, where asked for. */
export interface Written {
  written: boolean;
  item: Item | undefined;
}

interface PartOfPartition {
  /** Only items whose sort key begins with this. */
  prefix?: string;
  consistent: boolean;
  limit?: number;
  /** Where the page before it ended. */
  cursor?: string | undefined;
}

type Call<Input> = Omit<Input, 'TableName'>;

/** What DynamoDB takes in one call. */
const itemsPerRead = 100;
const itemsPerWrite = 25;
const batching = { callsAtOnce: 10, backOff: pause };

const textOf = (key: Item) => `${String(key['pk'])} ${String(key['sk'])}`;

/**
 * A DynamoDB table. A write whose condition does not hold is a value: ask for the old item on failure
 * (`ReturnValuesOnConditionCheckFailure`), so that the loser learns why without a read. Every other error passes.
 */
export class Table {
  readonly #client: DynamoDBDocumentClient;
  readonly #name: string;
  readonly #mayUse: () => Promise<void>;
  readonly #reads = this.#batchedReads(false);
  readonly #consistentReads = this.#batchedReads(true);
  readonly #puts = this.#batchedPuts();
  #once: DynamoDBDocumentClient | undefined;

  /**
   * @param mayUse throws when what is stored must not be used; nothing is written before it has answered, or returned
   * @param once the client for calls that are not to be repeated; by default made of the other one when it is needed
   */
  constructor(
    client: DynamoDBDocumentClient,
    name: string,
    mayUse = () => Promise.resolve(),
    once?: DynamoDBDocumentClient,
  ) {
    this.#client = client;
    this.#name = name;
    this.#mayUse = mayUse;
    this.#once = once;
  }

  /** Reads one item, consistently unless asked otherwise. */
  async get(key: ItemKey, consistent = true): Promise<Item | undefined> {
    const get = new GetCommand({ TableName: this.#name, Key: key, ConsistentRead: consistent });
    return (await this.#read(this.#client.send(get))).Item;
  }

  put(input: Call<PutCommandInput>): Promise<Written> {
    return this.#write(() => this.#client.send(new PutCommand({ ...input, TableName: this.#name })));
  }

  update(input: Call<UpdateCommandInput>): Promise<Written> {
    return this.#write(() => this.#client.send(new UpdateCommand({ ...input, TableName: this.#name })));
  }

  /** An update that is not repeated by itself when it fails. */
  updateOnce(input: Call<UpdateCommandInput>): Promise<Written> {
    this.#once ??= triedOnce(this.#client);
    const once = this.#once;
    return this.#write(() => once.send(new UpdateCommand({ ...input, TableName: this.#name })));
  }

  delete(input: Call<DeleteCommandInput>): Promise<Written> {
    return this.#write(() => this.#client.send(new DeleteCommand({ ...input, TableName: this.#name })));
  }

  /** Queries the table or one of its indexes. */
  async query(input: Call<QueryCommandInput>): Promise<Item[]> {
    const query = new QueryCommand({ ...input, TableName: this.#name });
    return (await this.#read(this.#client.send(query))).Items ?? [];
  }

  /** One page of a partition, in the order of its sort keys. */
  async page(partition: string, { prefix = '', consistent, limit, cursor }: PartOfPartition): Promise<Page<Item>> {
    const query = new QueryCommand({
      TableName: this.#name,
      ConsistentRead: consistent,
      KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': partition, ...(prefix !== '' && { ':prefix': prefix }) },
      Limit: limit,
      ...(cursor !== undefined && { ExclusiveStartKey: { pk: partition, sk: cursor } }),
    });
    const { Items: items = [], LastEvaluatedKey: last } = await this.#read(this.#client.send(query));
    return { items, ...(last && { cursor: String(last['sk']) }) };
  }

  /** All items of a partition, page after page: only for partitions that stay small. */
  async all(partition: string, part: Omit<PartOfPartition, 'limit' | 'cursor'>): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.page(partition, { ...part, cursor });
      items.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return items;
  }

  /** Reads any number of items until all are answered. Unknown ones are left out; the order is not kept. */
  async getMany(keys: readonly ItemKey[], consistent: boolean): Promise<Item[]> {
    const unique = [...new Map(keys.map((key) => [textOf(key), key])).values()];
    const reads = consistent ? this.#consistentReads : this.#reads;
    const found = await this.#read(Promise.all(unique.map((key) => reads.ask(key))));
    return found.filter((item) => item !== undefined);
  }

  /** Puts any number of items, until all are written. */
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
        const request = { [this.#name]: { Keys: [...keys], ConsistentRead: consistent } };
        const answer = await this.#client.send(new BatchGetCommand({ RequestItems: request }));
        const undone = new Set((answer.UnprocessedKeys?.[this.#name]?.Keys ?? []).map(textOf));
        const items = new Map((answer.Responses?.[this.#name] ?? []).map((item) => [textOf(item), item]));
        const done = keys.map(textOf).filter((key) => !undone.has(key));
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
        const puts = items.map((Item) => ({ PutRequest: { Item } }));
        const answer = await this.#client.send(new BatchWriteCommand({ RequestItems: { [this.#name]: puts } }));
        const left = answer.UnprocessedItems?.[this.#name] ?? [];
        const undone = new Set(left.map(({ PutRequest }) => textOf(PutRequest?.Item ?? {})));
        return new Map(items.map(textOf).flatMap((key) => (undone.has(key) ? [] : [[key, undefined]])));
      },
    });
  }

  /** Reading takes no longer for it: both go on at the same time. */
  async #read<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const [read] = await Promise.all([answer, this.#mayUse()]);
    return read;
  }

  async #write(write: () => Promise<{ Attributes?: Item | undefined }>): Promise<Written> {
    await this.#mayUse();
    return outcomeOfWrite(write());
  }
}

async function outcomeOfWrite(write: Promise<{ Attributes?: Item | undefined }>): Promise<Written> {
  try {
    return { written: true, item: (await write).Attributes };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { written: false, item: error.Item && unmarshall(error.Item) };
  }
}

/** DynamoDB throttles a batch by leaving part of it undone: back off as its documentation asks, then give up loudly. */
export async function pause(round: number): Promise<void> {
  if (round > 8) throw busy('DynamoDB leaves part of a batch undone');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** round));
}
