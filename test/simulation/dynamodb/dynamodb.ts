import type {
  BatchGetItemInput,
  BatchWriteItemInput,
  DeleteItemInput,
  GetItemInput,
  PutItemInput,
  QueryInput,
  UpdateItemInput,
} from '@aws-sdk/client-dynamodb';
import { holds } from './condition.ts';
import { conditionFailed, invalid } from './errors.ts';
import { Parser, type Condition } from './parse.ts';
import { Table, type ItemChange, type TableDefinition } from './table.ts';
import { updated } from './update.ts';
import { itemBytes, sameItem, storedItem, type Item } from './values.ts';

const maxItemBytes = 400 * 1024;

export interface DynamoDbOptions {
  now: () => number;
  /** How outdated an eventually consistent read sees an item, drawn per item. */
  lagMs?: () => number;
  maxLagMs?: number;
  /** How many items of a batch are processed, at least one; the others are unprocessed. */
  done?: (items: number) => number;
  /** Called right after each change. A write that changes nothing is no change. */
  onChange?: (change: ItemChange) => void;
  /** Replaces or removes a write's condition, to see which tests notice. */
  editCondition?: (condition: Condition, write: Write) => Condition | undefined;
}

/** A conditional write. */
export interface Write {
  action: 'PutItem' | 'UpdateItem' | 'DeleteItem';
  input: PutItemInput | UpdateItemInput | DeleteItemInput;
}

export const actions = [
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'BatchGetItem',
  'BatchWriteItem',
] as const;
export type Action = (typeof actions)[number];

/**
 * DynamoDB in memory: the actions that Muster uses, as AWS documents them. Each call is one atomic step. Anything else
 * is refused: reserved words, projections, scans and transactions are left to tests on real engines.
 */
export class DynamoDb {
  readonly #options: Required<DynamoDbOptions>;
  readonly #tables = new Map<string, Table>();

  constructor(tables: readonly TableDefinition[], options: DynamoDbOptions) {
    const nothing = () => undefined;
    this.#options = {
      lagMs: () => 0,
      maxLagMs: 0,
      done: (items) => items,
      onChange: nothing,
      editCondition: (condition) => condition,
      ...options,
    };
    for (const table of tables) this.#tables.set(table.name, new Table(table, this.#options.maxLagMs));
  }

  /**
   * Performs one call of the DynamoDB protocol.
   * @throws DynamoDBServiceException
   */
  perform(action: Action, input: unknown): object {
    switch (action) {
      case 'GetItem':
        return this.#get(input as GetItemInput);
      case 'PutItem':
        return this.#put(input as PutItemInput);
      case 'UpdateItem':
        return this.#update(input as UpdateItemInput);
      case 'DeleteItem':
        return this.#delete(input as DeleteItemInput);
      case 'Query':
        return this.#query(input as QueryInput);
      case 'BatchGetItem':
        return this.#batchGet(input as BatchGetItemInput);
      case 'BatchWriteItem':
        return this.#batchWrite(input as BatchWriteItemInput);
    }
  }

  table(name: string | undefined): Table {
    const table = this.#tables.get(name ?? '');
    if (!table) throw invalid(`Requested resource not found: table ${name}`);
    return table;
  }

  #get({ TableName, Key, ConsistentRead }: GetItemInput) {
    const table = this.table(TableName);
    const item = table.get(table.keyOf(Key ?? {}), this.#options.now(), this.#lag(ConsistentRead));
    return item ? { Item: item } : {};
  }

  #put(input: PutItemInput) {
    const table = this.table(input.TableName);
    const after = storedItem(input.Item ?? {});
    const key = table.keyOf(after);
    const before = this.#check(table, key, { action: 'PutItem', input });
    this.#write(table, key, before, after);
    return this.#answer(input, before, undefined);
  }

  #update(input: UpdateItemInput) {
    const table = this.table(input.TableName);
    const key = table.keyOf(input.Key ?? {});
    const parser = parserOf(input);
    const update = input.UpdateExpression === undefined ? undefined : parser.update(input.UpdateExpression);
    const paths = [...(update?.set ?? []), ...(update?.add ?? []), ...(update?.delete ?? [])].map(({ path }) => path);
    for (const [name] of [...paths, ...(update?.remove ?? [])]) {
      if (Object.hasOwn(key, name ?? '')) throw invalid(`Cannot update attribute ${name}. It is part of the key`);
    }
    const before = this.#check(table, key, { action: 'UpdateItem', input }, parser);
    const after = update ? updated(before ?? key, update) : (before ?? key);
    this.#write(table, key, before, after);
    return this.#answer(input, before, after);
  }

  #delete(input: DeleteItemInput) {
    const table = this.table(input.TableName);
    const key = table.keyOf(input.Key ?? {});
    const before = this.#check(table, key, { action: 'DeleteItem', input });
    this.#write(table, key, before, undefined);
    return this.#answer(input, before, undefined);
  }

  /** The current item, if the write's condition holds for it. */
  #check(table: Table, key: Item, write: Write, parser = parserOf(write.input)): Item | undefined {
    const { input } = write;
    const given = input.ConditionExpression === undefined ? undefined : parser.condition(input.ConditionExpression);
    parser.requireAllUsed();
    const condition = given && this.#options.editCondition(given, write);
    const before = table.get(key, this.#options.now());
    if (!condition || holds(condition, before)) return before;
    throw conditionFailed(input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? before : undefined);
  }

  #write(table: Table, key: Item, before: Item | undefined, after: Item | undefined): void {
    const { now, onChange } = this.#options;
    if (sameItem(before, after)) return;
    if (after) requireStorable(table.definition, after);
    table.write(key, after, now());
    onChange({ table: table.definition.name, at: now(), before, after });
  }

  #answer({ ReturnValues = 'NONE' }: Write['input'], before: Item | undefined, after: Item | undefined) {
    if (!['NONE', 'ALL_OLD', 'ALL_NEW'].includes(ReturnValues))
      throw invalid(`The simulation does not return ${ReturnValues}`);
    const item = ReturnValues === 'ALL_OLD' ? before : ReturnValues === 'ALL_NEW' ? after : undefined;
    return item ? { Attributes: item } : {};
  }

  #query(input: QueryInput) {
    const table = this.table(input.TableName);
    const { IndexName: index, ConsistentRead: consistent, Limit: limit = Infinity } = input;
    if (index !== undefined && consistent)
      throw invalid('Consistent reads are not supported on global secondary indexes');
    const schema =
      index === undefined ? table.definition.key : table.definition.indexes.find(({ name }) => name === index);
    const parser = new Parser(input.ExpressionAttributeNames, input.ExpressionAttributeValues);
    const range = parser.condition(input.KeyConditionExpression ?? '');
    const filter = input.FilterExpression === undefined ? undefined : parser.condition(input.FilterExpression);
    parser.requireAllUsed();
    const { items, last } = table.query(
      {
        index,
        partition: partitionIn(range, schema?.partition ?? ''),
        includes: (sort) =>
          holds(range, keyItem(schema?.sort, sort, partitionCondition(range, schema?.partition ?? ''))),
        forward: input.ScanIndexForward ?? true,
        limit,
        start: input.ExclusiveStartKey,
        lagMs: () => this.#lag(consistent),
      },
      this.#options.now(),
    );
    const found = filter ? items.filter((item) => holds(filter, item)) : items;
    return { Items: found, Count: found.length, ScannedCount: items.length, ...(last && { LastEvaluatedKey: last }) };
  }

  #batchGet({ RequestItems = {} }: BatchGetItemInput) {
    const wanted = Object.entries(RequestItems).flatMap(([name, { Keys = [], ConsistentRead }]) =>
      Keys.map((key) => ({
        name,
        key: this.table(name).keyOf(key),
        lag: () => this.#lag(ConsistentRead),
        ConsistentRead,
      })),
    );
    requireBatch(wanted, 100);
    const done = this.#options.done(wanted.length);
    const Responses: Record<string, Item[]> = {};
    const UnprocessedKeys: NonNullable<BatchGetItemInput['RequestItems']> = {};
    wanted.forEach(({ name, key, lag, ConsistentRead }, n) => {
      if (n >= done) {
        UnprocessedKeys[name] ??= { Keys: [], ConsistentRead };
        UnprocessedKeys[name].Keys?.push(key);
        return;
      }
      const item = this.table(name).get(key, this.#options.now(), lag());
      (Responses[name] ??= []).push(...(item ? [item] : []));
    });
    return { Responses, UnprocessedKeys };
  }

  #batchWrite({ RequestItems = {} }: BatchWriteItemInput) {
    const wanted = Object.entries(RequestItems).flatMap(([name, requests]) =>
      requests.map((request) => {
        const item = request.PutRequest?.Item && storedItem(request.PutRequest.Item);
        return { name, request, item, key: this.table(name).keyOf(item ?? request.DeleteRequest?.Key ?? {}) };
      }),
    );
    requireBatch(wanted, 25);
    const done = this.#options.done(wanted.length);
    const UnprocessedItems: NonNullable<BatchWriteItemInput['RequestItems']> = {};
    wanted.forEach(({ name, request, item, key }, n) => {
      if (n >= done) (UnprocessedItems[name] ??= []).push(request);
      else this.#write(this.table(name), key, this.table(name).get(key, this.#options.now()), item);
    });
    return { UnprocessedItems };
  }

  #lag(consistent: boolean | undefined): number {
    return consistent ? 0 : Math.min(this.#options.lagMs(), this.#options.maxLagMs);
  }
}

const parserOf = ({ ExpressionAttributeNames: names, ExpressionAttributeValues: values }: Write['input']) =>
  new Parser(names, values);

function requireStorable({ indexes }: TableDefinition, item: Item): void {
  if (itemBytes(item) > maxItemBytes) throw invalid('Item size has exceeded the maximum allowed size');
  for (const name of indexes.flatMap(({ partition, sort }) => (sort === undefined ? [partition] : [partition, sort]))) {
    const value = item[name];
    if (value && (value.S === undefined || value.S === ''))
      throw invalid(`The index key ${name} must be a text, not empty`);
  }
}

function requireBatch(wanted: readonly { name: string; key: Item }[], atMost: number): void {
  if (wanted.length === 0 || wanted.length > atMost) throw invalid(`A batch must have 1 to ${atMost} items`);
  if (new Set(wanted.map(({ name, key }) => JSON.stringify([name, key]))).size < wanted.length) {
    throw invalid('Provided list of item keys contains duplicates');
  }
}

/** The comparison in a key condition that names the partition. */
function partitionCondition(range: Condition, partition: string): { name: string; value: string } {
  const all = range.is === 'and' ? range.all : [range];
  for (const one of all) {
    if (one.is !== 'compare' || one.comparator !== '=' || one.left.is !== 'path' || one.right.is !== 'value') continue;
    if (one.left.path[0] === partition && one.right.value.S !== undefined)
      return { name: partition, value: one.right.value.S };
  }
  throw invalid('Query condition missed key schema element');
}

const partitionIn = (range: Condition, partition: string) => partitionCondition(range, partition).value;

/** The keys of an item as an item, so that a key condition can be evaluated for it. */
const keyItem = (sort: string | undefined, value: string, partition: { name: string; value: string }): Item => ({
  [partition.name]: { S: partition.value },
  ...(sort !== undefined && { [sort]: { S: value } }),
});
