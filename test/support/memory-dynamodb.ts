import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { primaryKey, taskIndexes } from '#shared/schema.ts';
import { DynamoDb, type Action, type DynamoDbOptions } from '../simulation/dynamodb/dynamodb.ts';
import type { MusterTables } from './muster-tables.ts';
import { withPlainValues } from './plain-values.ts';

export interface MemoryCall {
  action: Action;
  /** The request, in plain values. */
  input: Record<string, unknown>;
}

/** What to do with a call. */
type Interception = (call: MemoryCall, perform: () => object) => Promise<object>;

type Command = { input: Record<string, unknown>; constructor: { name: string } };

/** More than any test needs. Nothing here waits, so an endless loop could not be interrupted. */
const maxCalls = 500;

/** Both tables in the simulation's DynamoDB, which responds as the engines do, and a client for it. */
export class MemoryDynamoDb {
  readonly tables: MusterTables = { tasks: 'tasks', agents: 'agents' };
  readonly client: DynamoDBClient;
  /** It retries nothing anyway. */
  readonly clientWithoutRetries: DynamoDBClient;
  /** Number of writes that changed something, which is the number of stream records. */
  changes = 0;
  readonly #dynamodb: DynamoDb;
  #interception: Interception | undefined;
  #calls = 0;

  constructor(options: Omit<DynamoDbOptions, 'now'> = {}) {
    const indexes = taskIndexes.map(({ name, partition, sort }) => ({ name, partition, sort }));
    const tables = [
      { name: this.tables.tasks, key: primaryKey, indexes },
      { name: this.tables.agents, key: primaryKey, indexes: [] },
    ];
    this.#dynamodb = new DynamoDb(tables, { now: () => 0, onChange: () => (this.changes += 1), ...options });
    const send = (command: Command) => this.#send(command);
    this.client = { send } as unknown as DynamoDBClient;
    this.clientWithoutRetries = this.client;
  }

  /** An item as stored. */
  item(table: keyof MusterTables, key: Record<'pk' | 'sk', string>): Record<string, unknown> | undefined {
    const item = this.#dynamodb.table(this.tables[table]).get(marshall(key), 0);
    return item && unmarshall(item);
  }

  /** Runs a function once, right before the first matching call: what another process may do at that moment. */
  before(matches: (call: MemoryCall) => boolean, act: () => Promise<unknown>): void {
    this.#once(matches, async (_call, perform) => {
      await act();
      return perform();
    });
  }

  /** Performs the first matching call twice, as when the SDK repeats one whose response was lost. */
  repeat(matches: (call: MemoryCall) => boolean): void {
    this.#once(matches, (_call, perform) => {
      perform();
      return Promise.resolve(perform());
    });
  }

  /** Makes every matching call fail, as if the process died before it, until `restore` is called. */
  fail(matches: (call: MemoryCall) => boolean): { restore: () => void } {
    this.#interception = (call, perform) =>
      matches(call) ? Promise.reject(new Error('The process dies.')) : Promise.resolve(perform());
    return { restore: () => (this.#interception = undefined) };
  }

  #once(matches: (call: MemoryCall) => boolean, act: Interception): void {
    this.#interception = (call, perform) => {
      if (!matches(call)) return Promise.resolve(perform());
      this.#interception = undefined;
      return act(call, perform);
    };
  }

  async #send({ input: request, constructor: { name } }: Command): Promise<object> {
    if ((this.#calls += 1) > maxCalls) throw new Error('Whoever calls goes on without end.');
    const action = name.replace(/Command$/, '') as Action;
    const input = withPlainValues(request);
    const perform = () => this.#dynamodb.perform(action, request);
    // As over a network, no response is immediate.
    await Promise.resolve();
    return (this.#interception ?? ((_call, go) => Promise.resolve(go())))({ action, input }, perform);
  }
}

/** Whether a call writes an item whose key has this prefix. */
export const writes =
  (action: Action, pk: string, sk = '') =>
  (call: MemoryCall): boolean => {
    const { pk: partition, sk: sort } = (call.input['Key'] ?? call.input['Item'] ?? {}) as Record<string, string>;
    return call.action === action && partition?.startsWith(pk) === true && sort?.startsWith(sk) === true;
  };
