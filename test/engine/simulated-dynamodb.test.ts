/** The simulation's DynamoDB responds like the engines to random expressions on random items. */
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type DynamoDBClient,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import type { DynamoDbKind } from '#local/engines/dynamodb.ts';
import { DynamoDb, type Action } from '../simulation/dynamodb/dynamodb.ts';
import { RandomRequests, type Deviations, type Request } from '../simulation/dynamodb/random-requests.ts';
import { canonicalAnswer } from '../simulation/dynamodb/canonical-answer.ts';
import { describeOnEngine, type EngineContext } from '../support/dynamodb.ts';
import { createMusterTables, type MusterTables } from '../support/muster-tables.ts';
import { Chance } from '../support/random.ts';

const commands = {
  GetItem: GetItemCommand,
  PutItem: PutItemCommand,
  UpdateItem: UpdateItemCommand,
  DeleteItem: DeleteItemCommand,
  Query: QueryCommand,
  BatchGetItem: BatchGetItemCommand,
  BatchWriteItem: BatchWriteItemCommand,
} as unknown as Record<Action, new (input: object) => GetItemCommand>;

const send = (client: DynamoDBClient, action: Action, input: object): Promise<object> =>
  client.send(new commands[action](input));

/** The messages of the last refusals, to be shown but not compared. */
const messages: string[] = [];

type Perform = (action: Action, input: object) => object | Promise<object>;

/** The response to a request. For a query, all pages, since the last one may or may not have a continuation key. */
async function outcome(perform: Perform, { action, input }: Request): Promise<unknown> {
  try {
    if (action !== 'Query') return canonicalAnswer(await perform(action, input));
    const found: unknown[] = [];
    let start: unknown;
    do {
      const page = (await perform(action, { ...input, ExclusiveStartKey: start })) as QueryCommandOutput;
      found.push(...(page.Items ?? []).map(canonicalAnswer));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return found;
  } catch (error) {
    const { name, message, Item } = error as Error & { Item?: object };
    if (name !== 'ConditionalCheckFailedException' && name !== 'ValidationException') throw error;
    messages.push(message);
    return canonicalAnswer({ refused: name, ...(Item && { Item }) });
  }
}

const requestsPerTest = 250;

/**
 * How dynoxide differs from AWS: it accepts ordering comparisons of unordered values, removes paths inside missing
 * values, counts characters instead of bytes, and returns the key as the old item of a nonexistent one.
 */
const deviations: Record<DynamoDbKind, Deviations> = { 'dynamodb-local': {}, dynoxide: { isLenient: true } };

describeOnEngine('the DynamoDB of the simulation', createMusterTables, (context: EngineContext<MusterTables>, kind) => {
  describe.each([1, 2])('with random requests, seed %i,', (seed) => {
    test('responds and ends as the engine does', async () => {
      const { client, tables } = context;
      const requests = new RandomRequests(new Chance(seed), tables.tasks, deviations[kind]);
      const simulated = new DynamoDb([requests.table], { now: () => 0 });
      const all = Array.from({ length: requestsPerTest }, () => requests.next());
      for (const request of [...all, ...requests.everything()]) {
        const expected = await outcome((action, input) => send(client, action, input), request);
        const actual = await outcome((action, input) => simulated.perform(action, input), request);
        expect(actual, `${JSON.stringify(request)}\n${messages.slice(-2).join('\n')}`).toEqual(expected);
      }
    });
  });
});
