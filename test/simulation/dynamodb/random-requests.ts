import type { Chance } from '../../support/random.ts';
import type { Action } from './dynamodb.ts';
import type { TableDefinition } from './table.ts';
import type { Item, Value } from './values.ts';

export interface Request {
  action: Action;
  input: object;
}

/** Requests not made to an engine that responds differently. */
export interface Deviations {
  isLenient?: boolean;
}

const partitions = ['p1', 'p2'];
const sorts = ['s1', 's2', 's3', 's10'];
const groups = ['g1', 'g2'];
const attributes = ['num', 'txt', 'ints', 'words', 'map', 'flag'];
const paths = [...attributes, 'map.inner', 'map.deep', 'map.deep.inner', 'absent', 'absent.inner'];
const numbers = [
  '0',
  '1',
  '-1',
  '2',
  '3.5',
  '1e-35',
  '3600000.5',
  '5.6e-17',
  '9007199254740993',
  '1e125',
  '1E-130',
  '007.10',
];
const texts = ['', 'a', 'ab', 'b', 'B', 'a|b'];

/** Random requests on few items with few attributes, so that expressions meet existing values. */
export class RandomRequests {
  readonly table: TableDefinition;
  readonly #chance: Chance;
  readonly #isLenient: boolean;
  #values: Item = {};
  #names: Record<string, string> = {};

  constructor(chance: Chance, name: string, { isLenient = false }: Deviations = {}) {
    this.#chance = chance;
    this.#isLenient = isLenient;
    const work = { name: 'work', partition: 'g', sort: 'h' };
    const byAgent = { name: 'by-agent', partition: 'a', sort: 'h' };
    this.table = { name, key: { partition: 'pk', sort: 'sk' }, indexes: [work, byAgent] };
  }

  next(): Request {
    this.#values = {};
    this.#names = {};
    const action = this.#chance.pick<Action>([
      'UpdateItem',
      'UpdateItem',
      'UpdateItem',
      'UpdateItem',
      'PutItem',
      'DeleteItem',
      'GetItem',
      'Query',
      'Query',
      'BatchGetItem',
      'BatchWriteItem',
    ]);
    return { action, input: this.#input(action) };
  }

  /** Requests that return everything. */
  everything(): Request[] {
    const of = (pk: string) => ({ ':pk': { S: pk } });
    return [
      ...partitions.map((pk) => ({
        action: 'Query' as const,
        input: { TableName: this.table.name, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: of(pk) },
      })),
      ...groups.map((g) => ({
        action: 'Query' as const,
        input: {
          TableName: this.table.name,
          IndexName: 'work',
          KeyConditionExpression: 'g = :pk',
          ExpressionAttributeValues: of(g),
        },
      })),
    ];
  }

  #input(action: Action): object {
    const TableName = this.table.name;
    const consistent = { ConsistentRead: true };
    switch (action) {
      case 'GetItem':
        return { TableName, Key: this.#key(), ...consistent };
      case 'PutItem':
        return this.#withPlaceholders({
          TableName,
          Item: this.#item(),
          ...this.#condition(),
          ...this.#answers(['NONE', 'ALL_OLD']),
        });
      case 'DeleteItem':
        return this.#withPlaceholders({
          TableName,
          Key: this.#key(),
          ...this.#condition(),
          ...this.#answers(['NONE', 'ALL_OLD']),
        });
      case 'UpdateItem':
        return this.#withPlaceholders({
          TableName,
          Key: this.#key(),
          UpdateExpression: this.#update(),
          ...this.#condition(),
          ...this.#answers(this.#isLenient ? ['NONE', 'ALL_NEW'] : ['NONE', 'ALL_OLD', 'ALL_NEW']),
        });
      case 'Query':
        return this.#withPlaceholders(this.#query());
      case 'BatchGetItem':
        return { RequestItems: { [TableName]: { Keys: [this.#key()], ...consistent } } };
      case 'BatchWriteItem':
        return {
          RequestItems: {
            [TableName]: [
              this.#happens(0.7) ? { PutRequest: { Item: this.#item() } } : { DeleteRequest: { Key: this.#key() } },
            ],
          },
        };
    }
  }

  #withPlaceholders(input: object): object {
    return {
      ...input,
      ...(Object.keys(this.#names).length > 0 && { ExpressionAttributeNames: this.#names }),
      ...(Object.keys(this.#values).length > 0 && { ExpressionAttributeValues: this.#values }),
    };
  }

  #answers(kinds: readonly string[]): object {
    const ReturnValuesOnConditionCheckFailure = this.#happens(0.5) ? 'ALL_OLD' : 'NONE';
    return { ReturnValues: this.#chance.pick(kinds), ReturnValuesOnConditionCheckFailure };
  }

  #query(): object {
    const ofIndex = this.#happens(0.5);
    const [partition, sort] = ofIndex ? ['g', 'h'] : ['pk', 'sk'];
    const where = `${partition} = ${this.#given({ S: this.#chance.pick(ofIndex ? groups : partitions) })}`;
    const key = () => this.#given({ S: this.#chance.pick([...sorts, 's']) });
    const range = this.#chance.pick([
      () => '',
      () => ` AND ${sort} ${this.#chance.pick(['=', '<', '<=', '>', '>='])} ${key()}`,
      () => ` AND begins_with(${sort}, ${this.#given({ S: this.#chance.pick(['s', 's1']) })})`,
      () => ` AND ${sort} BETWEEN ${this.#given({ S: 's' })} AND ${key()}`,
    ])();
    return {
      TableName: this.table.name,
      ...(ofIndex ? { IndexName: 'work' } : { ConsistentRead: true }),
      KeyConditionExpression: where + range,
      ScanIndexForward: this.#happens(0.7),
      ...(this.#happens(0.5) && { Limit: this.#chance.pick([1, 2, 50]) }),
    };
  }

  #update(): string {
    const clauses = new Map<string, string[]>();
    const free = this.#shuffled(paths.filter((path) => !path.includes('.inner') || this.#happens(0.5)));
    const count = this.#chance.pick([1, 1, 2, 3]);
    for (let n = 0; n < count; n += 1) {
      const path = free.pop() ?? 'num';
      const [clause, text] = this.#clause(path);
      clauses.set(clause, [...(clauses.get(clause) ?? []), text]);
    }
    return [...clauses].map(([clause, all]) => `${clause} ${all.join(', ')}`).join(' ');
  }

  #clause(path: string): [string, string] {
    const at = this.#path(path);
    const isNested = path.includes('.');
    if (isNested && this.#isLenient) return ['SET', `${at} = ${this.#given(this.#value(path))}`];
    return this.#chance.pick<() => [string, string]>([
      () => ['SET', `${at} = ${this.#given(this.#value(path))}`],
      () => ['SET', `${at} = if_not_exists(${at}, ${this.#given({ N: '0' })}) + ${this.#given({ N: this.#number() })}`],
      () => [
        'SET',
        `${at} = if_not_exists(${this.#path(this.#chance.pick(paths))}, ${this.#given(this.#value(path))})`,
      ],
      () => ['SET', `${at} = ${at} - ${this.#given({ N: '1' })}`],
      () => ['REMOVE', at],
      () => (isNested ? ['REMOVE', at] : ['ADD', `${at} ${this.#given(this.#addable(path))}`]),
      () => (isNested ? ['REMOVE', at] : ['DELETE', `${at} ${this.#given(this.#set(path))}`]),
    ])();
  }

  #condition(): object {
    return this.#happens(0.6) ? { ConditionExpression: this.#boolean(2) } : {};
  }

  #boolean(depth: number): string {
    if (depth > 0 && this.#happens(0.6)) {
      const one = this.#boolean(depth - 1);
      if (this.#happens(0.3)) return `NOT (${one})`;
      const other = this.#boolean(depth - 1);
      return this.#chance.pick([`(${one}) AND ${other}`, `${one} OR (${other})`, `${one} AND ${other} OR ${one}`]);
    }
    const path = this.#chance.pick(paths);
    const at = this.#path(path);
    const comparator = this.#chance.pick(['=', '<>', '<', '<=', '>', '>=']);
    const isByOrder = comparator !== '=' && comparator !== '<>';
    const compared = () => this.#given(isByOrder && this.#isLenient ? { N: this.#number() } : this.#value(path));
    return this.#chance.pick([
      () => `attribute_exists(${at})`,
      () => `attribute_not_exists(${at})`,
      () => `${at} ${comparator} ${compared()}`,
      () => `${at} ${comparator} ${this.#path(this.#chance.pick(paths.filter((other) => other !== path)))}`,
      () => `size(${at}) ${comparator} ${this.#given({ N: this.#chance.pick(['0', '1', '2', '3']) })}`,
      () => `${at} IN (${this.#given(this.#value(path))}, ${this.#given(this.#value(path))})`,
      () => `contains(${at}, ${this.#given(this.#happens(0.5) ? { N: this.#number() } : { S: 'a' })})`,
      () => `begins_with(${at}, ${this.#given({ S: 'a' })})`,
      () => `${at} BETWEEN ${this.#given({ N: '0' })} AND ${this.#given({ N: '3.5' })}`,
    ])();
  }

  /** A placeholder for a value. */
  #given(value: Value): string {
    const name = `:v${Object.keys(this.#values).length}`;
    this.#values[name] = value;
    return name;
  }

  /** A path with a placeholder for each name. */
  #path(path: string): string {
    const steps = path.split('.').map((step) => {
      this.#names[`#${step}`] = step;
      return `#${step}`;
    });
    return steps.join('.');
  }

  #key(): Item {
    return { pk: { S: this.#chance.pick(partitions) }, sk: { S: this.#chance.pick(sorts) } };
  }

  #item(): Item {
    const kept = attributes.filter(() => this.#happens(0.5)).map((name) => [name, this.#value(name)] as const);
    const key = this.#key();
    // Unique, since the order of equal keys is undefined.
    const h = { S: `${this.#chance.pick(sorts)} ${key['pk']?.S} ${key['sk']?.S}` };
    return {
      ...key,
      ...Object.fromEntries(kept),
      ...(this.#happens(0.6) && { g: { S: this.#chance.pick(groups) }, h }),
    };
  }

  #value(path: string): Value {
    if (this.#happens(0.1))
      return this.#chance.pick<Value>([{ NULL: true }, { BOOL: false }, { S: 'a' }, { L: [{ N: '1' }] }]);
    switch (path.split('.').at(-1)) {
      case 'txt':
        return { S: this.#chance.pick(this.#isLenient ? texts : [...texts, 'é']) };
      case 'ints':
      case 'words':
        return this.#set(path);
      case 'map':
      case 'deep':
        return { M: this.#happens(0.7) ? { inner: { N: this.#number() }, deep: { M: { inner: { S: 'a' } } } } : {} };
      case 'flag':
        return { BOOL: this.#happens(0.5) };
      default:
        return { N: this.#number() };
    }
  }

  #addable(path: string): Value {
    return path === 'ints' || path === 'words' || this.#happens(0.1) ? this.#set(path) : { N: this.#number() };
  }

  #set(path: string): Value {
    const chosen = <T>(all: readonly T[]) => {
      const some = all.filter(() => this.#happens(0.4));
      return some.length > 0 ? some : all.slice(0, 1);
    };
    return path === 'words' ? { SS: chosen(['a', 'b', 'c']) } : { NS: chosen(['0', '1', '2', '10']) };
  }

  #number(): string {
    return this.#chance.pick(numbers);
  }

  #happens(share: number): boolean {
    return this.#chance.happens(share);
  }

  #shuffled<T>(all: readonly T[]): T[] {
    return all
      .map((one) => ({ one, place: this.#chance.fraction() }))
      .sort((a, b) => a.place - b.place)
      .map(({ one }) => one);
  }
}
