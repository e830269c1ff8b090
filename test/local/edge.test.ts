import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import { Policies } from '#local/iam/policies.ts';
import { readTemplate, type TemplateSource } from '#local/template/template.ts';
import { clientOf, describeOnEngine } from '../support/dynamodb.ts';
import { edgeAlone, rejection } from '../support/edge.ts';
import { createItemsTable } from '../support/engine-tables.ts';

describeOnEngine('a hook that a test adds to the edge', createItemsTable, (context) => {
  const read = () => context.client.send(new ListTablesCommand({}));

  test('is active while the test runs', async () => {
    context.edge.intercept(() => Promise.resolve(awsError('AccessDeniedException', 'Not today')));
    await expect(read()).rejects.toThrow('Not today');
  });

  test('is removed for the next test, even if nobody has removed it', async () => {
    await expect(read()).resolves.toMatchObject({ TableNames: expect.any(Array) as string[] });
  });
});

describeOnEngine('metering', createItemsTable, (context) => {
  const use = async (action: () => Promise<unknown>) => {
    const before = context.meter.snapshot();
    await action();
    return context.meter.since(before);
  };

  test('units are counted separately for the table and for its index', async () => {
    const { client, tables } = context;
    const TableName = tables.name;
    const Key = { pk: { S: 'a' } };
    const used = await use(async () => {
      await client.send(new PutItemCommand({ TableName, Item: { ...Key, g: { S: 'ready' }, h: { S: '1' } } }));
      await client.send(new UpdateItemCommand({ TableName, Key, ...set('h', '2') }));
      await client.send(new UpdateItemCommand({ TableName, Key, ...set('content', 'x'.repeat(1500)) }));
      await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      await client.send(new QueryCommand({ TableName, IndexName: 'by-group', ...keyIs('g', 'ready') }));
      const requests = ['b', 'c'].map((pk) => ({ PutRequest: { Item: { pk: { S: pk } } } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    });

    expect(used.total({ table: TableName })).toMatchObject({ calls: 6, readUnits: 1.5, writeUnits: 9 });
    expect(used.by('index')).toMatchObject({
      '': { readUnits: 1, writeUnits: 6 },
      // The new entry costs one unit, moving it two: the old one is deleted and a new one put.
      'by-group': { readUnits: 0.5, writeUnits: 3 },
    });
    expect(used.by('action', { index: '' })).toMatchObject({ UpdateItem: { calls: 2, writeUnits: 3 } });
  });

  test('a failed condition costs the write it prevented', async () => {
    const { client, tables } = context;
    const big = { pk: { S: 'big' }, content: { S: 'x'.repeat(3000) } };
    await client.send(new PutItemCommand({ TableName: tables.name, Item: big }));
    const refused = {
      TableName: tables.name,
      Key: { pk: big.pk },
      ...set('content', 'y'),
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    };

    const single = await use(() => rejection(client.send(new UpdateItemCommand(refused))));
    expect(single.total()).toMatchObject({ calls: 1, failedConditions: 1, writeUnits: 3 });

    const inTransaction = await use(() =>
      rejection(client.send(new TransactWriteItemsCommand({ TransactItems: [{ Update: refused }] }))),
    );
    expect(inTransaction.total()).toMatchObject({ calls: 1, failedConditions: 1, writeUnits: 6 });
  });

  test('usage is separated by caller and by the operation that the caller names', async () => {
    const { edge, tables } = context;
    const client = new DynamoDBClient(clientOf(edge, 'Api-Function_1'));
    client.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: object }).headers, { 'x-muster-operation': 'get_task' });
        return next(args);
      },
      { step: 'build' },
    );
    const used = await use(() => client.send(new GetItemCommand({ TableName: tables.name, Key: { pk: { S: 'a' } } })));
    expect(used.rows).toMatchObject([{ caller: 'Api-Function_1', operation: 'get_task', action: 'GetItem', calls: 1 }]);
  });

  test('consumed capacity is in the response only if requested', async () => {
    const { client, tables } = context;
    const get = { TableName: tables.name, Key: { pk: { S: 'a' } } };
    expect(await client.send(new GetItemCommand(get))).not.toHaveProperty('ConsumedCapacity');
    const asked = await client.send(new GetItemCommand({ ...get, ReturnConsumedCapacity: 'TOTAL' }));
    expect(asked.ConsumedCapacity).toMatchObject({ CapacityUnits: 0.5 });
  });

  test("a refusal keeps the engine's format", async () => {
    const get = new GetItemCommand({ TableName: 'no-such-table', Key: { pk: { S: 'a' } } });
    expect(await rejection(context.client.send(get))).toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe('hooks', () => {
  const get = new GetItemCommand({ TableName: 'items', Key: { pk: { S: 'a' } } });

  test('can refuse a call, which then costs nothing', async () => {
    const { edge, dynamodb } = await edgeAlone();
    edge.intercept(({ caller, action }) =>
      Promise.resolve(awsError('AccessDeniedException', `${caller} may not call ${action}`)),
    );
    expect(await rejection(dynamodb.send(get))).toMatchObject({
      name: 'AccessDeniedException',
      message: 'Test may not call GetItem',
    });
    expect(edge.meter.snapshot().rows).toEqual([]);
  });

  test('run in the order added until removed, and see the responses of inner ones', async () => {
    const { edge, events } = await edgeAlone();
    const seen: string[] = [];
    const removals = ['outer', 'inner'].map((name) =>
      edge.intercept(async (_, next) => {
        seen.push(`${name} before`);
        const answer = await next();
        seen.push(`${name} after ${answer?.status}`);
        return answer;
      }),
    );
    await events.send(putEvents({}));
    expect(seen).toEqual(['outer before', 'inner before', 'inner after 200', 'outer after 200']);

    removals.forEach((remove) => remove());
    await events.send(putEvents({}));
    expect(seen).toHaveLength(4);
  });

  test('can drop the response of a served call', async () => {
    const { edge, events, taken } = await edgeAlone();
    edge.intercept(async (_, next) => {
      await next();
      return undefined;
    });
    expect(await rejection(events.send(putEvents({})))).toMatchObject({ code: 'ECONNRESET' });
    expect(taken).toHaveLength(1);
  });

  test('can forward another body', async () => {
    const { edge, events, taken } = await edgeAlone();
    edge.intercept(({ body }, next) => next({ ...body, Entries: (body['Entries'] as unknown[]).slice(1) }));
    await events.send(putEvents({ Source: 'first' }, { Source: 'second' }));
    expect(taken).toMatchObject([{ Source: 'second' }]);
  });
});

describe('PutEvents', () => {
  test('forwards events and counts one per 64 KB', async () => {
    const { edge, events, taken } = await edgeAlone();
    const Detail = JSON.stringify({ text: 'x'.repeat(70_000) });
    const answer = await events.send(putEvents({ Detail }, {}));
    expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: 'id-0' }, { EventId: 'id-1' }] });
    expect(taken).toEqual([
      { Source: 'muster.tasks', DetailType: 'Task Completed', Detail },
      { Source: 'muster.tasks', DetailType: 'Task Completed', Detail: '{}' },
    ]);
    expect(edge.meter.snapshot().total()).toMatchObject({ calls: 1, events: 3 });
  });

  test('refuses a malformed entry individually', async () => {
    const { edge, events, taken } = await edgeAlone();
    const answer = await events.send(putEvents({ Detail: 'not JSON' }, {}, { DetailType: '' }));
    expect(answer.FailedEntryCount).toBe(2);
    expect(answer.Entries?.map((entry) => entry.ErrorCode)).toEqual(['MalformedDetail', undefined, 'InvalidArgument']);
    expect(taken).toHaveLength(1);
    expect(edge.meter.snapshot().total().events).toBe(1);
  });

  test('accepts at most 10 entries and 1 MB', async () => {
    const { events } = await edgeAlone();
    const many = putEvents(...Array.from({ length: 11 }, () => ({})));
    expect(await rejection(events.send(many))).toMatchObject({ name: 'ValidationException' });
    const large = putEvents({ Detail: JSON.stringify({ text: 'x'.repeat(1024 * 1024) }) });
    expect(await rejection(events.send(large))).toMatchObject({ name: 'ValidationException' });
  });
});

describe('the edge refuses', () => {
  const list = new ListTablesCommand({});
  const invalid = {
    name: 'UnrecognizedClientException',
    message: 'The security token included in the request is invalid.',
  };

  test('callers without the token of this start', async () => {
    const [{ edge }, other] = await Promise.all([edgeAlone(), edgeAlone()]);
    for (const token of ['', 'local', other.edge.token]) {
      const client = new DynamoDBClient(clientOf({ url: edge.url, token }));
      expect(await rejection(client.send(list))).toMatchObject(invalid);
    }
    const { credentials, ...settings } = clientOf(edge);
    const { sessionToken: _, ...withoutToken } = credentials;
    const client = new DynamoDBClient({ ...settings, credentials: withoutToken });
    expect(await rejection(client.send(list))).toMatchObject(invalid);
  });

  test('a page whose name was rebound to this machine, even with the token', async () => {
    const { edge } = await edgeAlone();
    const { port } = new URL(edge.url);
    const headers = { 'x-amz-target': 'AWSEvents.PutEvents', 'x-amz-security-token': edge.token };
    for (const host of [`evil.example:${port}`, `localhost:${port}`, '127.0.0.1']) {
      expect(await statusOf(edge.url, { ...headers, host })).toBe(403);
    }
    expect(await statusOf(edge.url, headers)).toBe(400);
  });

  test('what a caller is not authorized to do, in the wording of each service', async () => {
    const policies = new Policies(
      readTemplate(templateOf({ Effect: 'Deny', Action: '*', Resource: '*' }), 'stack', ''),
    );
    const { edge, taken } = await edgeAlone({ authorize: (call) => policies.authorize(call) });
    const seen: unknown[] = [];
    edge.intercept((call, next) => (seen.push(call), next()));
    const settings = clientOf(edge, 'Api');
    const user = 'User: arn:aws:sts::000000000000:assumed-role/stack-Role/stack-Api is not authorized to perform';
    const because = 'with an explicit deny in an identity-based policy';

    const get = new GetItemCommand({ TableName: 'tasks', Key: { pk: { S: 'a' } } });
    expect(await rejection(new DynamoDBClient(settings).send(get))).toMatchObject({
      name: 'AccessDeniedException',
      message: `${user}: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/tasks ${because}`,
      $metadata: { httpStatusCode: 400 },
    });
    const QueueUrl = `${edge.url}/000000000000/ready`;
    const send = new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', MessageBody: 'x' }] });
    expect(await rejection(new SQSClient(settings).send(send))).toMatchObject({
      Code: 'AccessDenied',
      message: `${user}: sqs:sendmessage on resource: arn:aws:sqs:us-east-1:000000000000:ready ${because}`,
      $metadata: { httpStatusCode: 403 },
    });
    expect(await rejection(new EventBridgeClient(settings).send(putEvents({ EventBusName: 'bus' })))).toMatchObject({
      name: 'AccessDeniedException',
      message: `${user}: events:PutEvents on resource: arn:aws:events:us-east-1:000000000000:event-bus/bus ${because}`,
    });
    expect({ seen, taken, used: edge.meter.snapshot().rows }).toEqual({ seen: [], taken: [], used: [] });
  });
});

describe('the edge', () => {
  test('returns the moved time, so that the SDK sees no clock skew', async () => {
    const { edge } = await edgeAlone({ now: Date.UTC(2031, 0, 1) });
    const answer = await fetch(edge.url, { method: 'POST' });
    expect(answer.headers.get('date')).toBe('Wed, 01 Jan 2031 00:00:00 GMT');
  });

  test('refuses unsupported calls', async () => {
    const { edge, events } = await edgeAlone();
    expect(await rejection(events.send(new ListRulesCommand({})))).toMatchObject({
      name: 'UnknownOperationException',
      message: 'The AWS edge supports only PutEvents of EventBridge, not ListRules.',
    });
    const post = (target: string) =>
      fetch(edge.url, { method: 'POST', headers: { 'x-amz-target': target, 'x-amz-security-token': edge.token } });
    const other = await post('SecretsManager.GetSecretValue');
    expect(await other.json()).toMatchObject({
      message: 'The AWS edge does not support SecretsManager.GetSecretValue, only DynamoDB, SQS and PutEvents.',
    });
    const unsigned = await post('AWSEvents.PutEvents');
    expect(await unsigned.json()).toMatchObject({ message: 'The request is not signed.' });
  });

  test('returns 500 while an engine is gone', async () => {
    const { dynamodb } = await edgeAlone();
    const get = new GetItemCommand({ TableName: 'items', Key: { pk: { S: 'a' } } });
    expect(await rejection(dynamodb.send(get))).toMatchObject({ $metadata: { httpStatusCode: 500 } });
  });
});

/** With a custom Host header, which fetch does not allow. */
async function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const outgoing = request(url, { method: 'POST', headers }).end('{}');
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  incoming.resume();
  return incoming.statusCode;
}

/** One function, whose role has one statement. */
const templateOf = (statement: object): TemplateSource => ({
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: { Policies: [{ PolicyName: 'policy', PolicyDocument: { Statement: [statement] } }] },
    },
    Api: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: '', S3Key: '' },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      },
    },
  },
});

function set(attribute: string, value: string) {
  return {
    UpdateExpression: 'SET #a = :v',
    ExpressionAttributeNames: { '#a': attribute },
    ExpressionAttributeValues: { ':v': { S: value } },
  };
}

function keyIs(key: string, value: string) {
  return { KeyConditionExpression: `${key} = :v`, ExpressionAttributeValues: { ':v': { S: value } } };
}

function putEvents(...entries: PutEventsRequestEntry[]) {
  const event = { Source: 'muster.tasks', DetailType: 'Task Completed', Detail: '{}' };
  return new PutEventsCommand({ Entries: entries.map((entry) => ({ ...event, ...entry })) });
}
