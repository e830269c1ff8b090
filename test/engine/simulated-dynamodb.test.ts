/** The DynamoDB of the simulation answers as the engines do, whatever it is asked: random expressions on random items. */
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

/** What the last refusals said: to be shown, not compared. */
const messages: string[] = [];

type Perform = (action: Action, input: object) => object | Promise<object>;

/** What a request is answered. Of a query all pages, since the last one may or may not name a next one. */
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
 * What dynoxide does otherwise than AWS: it takes order comparisons of values that have no order, removes what is inside of
 * nothing, counts characters where AWS counts bytes, and answers the key as the old item of one that did not exist.
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
