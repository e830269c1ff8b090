import { describe, expect, test } from 'vitest';
import type { AwsCall } from '#local/edge/call.ts';
import { Policies } from '#local/iam/policies.ts';
import { readTemplate, type TemplateSource } from '#local/template/template.ts';
import { wildcard } from '#local/template/wildcard.ts';

const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
const tasks = arn('dynamodb', 'table/tasks');

const keySchema = (partition: string) => [{ AttributeName: partition, KeyType: 'HASH' }];

/** The policies of a template with two tables, whose function has a role with these statements. */
function policiesOf(...Statement: object[]): Policies {
  const table = (TableName: string) => ({
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName,
      KeySchema: keySchema('pk'),
      AttributeDefinitions: [],
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [
        { IndexName: 'work', KeySchema: keySchema('g'), Projection: { ProjectionType: 'KEYS_ONLY' } },
      ],
    },
  });
  const source: TemplateSource['Resources'] = {
    Tasks: table('tasks'),
    Agents: table('agents'),
    Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'api-role' } },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'policy', PolicyDocument: { Statement }, Roles: [{ Ref: 'Role' }] },
    },
    Api: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'api',
        Code: { S3Bucket: '', S3Key: '' },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      },
    },
  };
  return new Policies(readTemplate({ Resources: source }, 'stack', 'http://127.0.0.1:1'));
}

const call = (service: AwsCall['service'], action: string, body: object, caller = 'Api'): AwsCall => ({
  service,
  action,
  body: body as AwsCall['body'],
  caller,
  operation: undefined,
});

const allow = (Action: string | string[], Resource: string | string[], keys?: string[], how = 'StringLike') => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(keys && { Condition: { [`ForAllValues:${how}`]: { 'dynamodb:LeadingKeys': keys } } }),
});

/** The refused `<action> on <resource>` of a call; undefined if it is allowed. */
function refused(policies: Policies, made: AwsCall): string | undefined {
  const refusal = policies.authorize(made);
  return refusal && /perform: (.*) because/.exec(refusal.body)?.[1]?.replace(' resource: ', ' ');
}

const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'x' } });
const dynamo = (action: string, body: object) => call('dynamodb', action, body);
const onTasks = (action: string, body: object) => dynamo(action, { TableName: 'tasks', ...body });
const query = (condition: string, value: string, more = {}) =>
  onTasks('Query', { KeyConditionExpression: condition, ExpressionAttributeValues: { ':v': { S: value } }, ...more });

describe('a call needs', () => {
  const items = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'];
  test.each<[string, AwsCall, string[]]>([
    ...items.map((name): [string, AwsCall, string[]] => [
      name,
      onTasks(name, name === 'PutItem' ? { Item: key('a') } : { Key: key('a') }),
      [`dynamodb:${name} on ${tasks}`],
    ]),
    ['Query', query('pk = :v', 'a'), [`dynamodb:Query on ${tasks}`]],
    ['Query of an index', query('g = :v', 'a', { IndexName: 'work' }), [`dynamodb:Query on ${tasks}/index/work`]],
    ['Scan', onTasks('Scan', {}), [`dynamodb:Scan on ${tasks}`]],
    ['Scan of an index', onTasks('Scan', { IndexName: 'work' }), [`dynamodb:Scan on ${tasks}/index/work`]],
    [
      'BatchGetItem, on each table',
      dynamo('BatchGetItem', { RequestItems: { tasks: { Keys: [key('a')] }, agents: { Keys: [key('b')] } } }),
      [`dynamodb:BatchGetItem on ${tasks}`, `dynamodb:BatchGetItem on ${arn('dynamodb', 'table/agents')}`],
    ],
    [
      'BatchWriteItem, a separate action',
      dynamo('BatchWriteItem', { RequestItems: { tasks: [{ PutRequest: { Item: key('a') } }] } }),
      [`dynamodb:BatchWriteItem on ${tasks}`],
    ],
    [
      'TransactWriteItems, the action of each item',
      dynamo('TransactWriteItems', {
        TransactItems: [
          ...['Update', 'Delete', 'ConditionCheck'].map((kind) => ({ [kind]: { TableName: 'tasks', Key: key('a') } })),
          { Put: { TableName: 'agents', Item: key('a') } },
        ],
      }),
      [
        ...['UpdateItem', 'DeleteItem', 'ConditionCheckItem'].map((name) => `dynamodb:${name} on ${tasks}`),
        `dynamodb:PutItem on ${arn('dynamodb', 'table/agents')}`,
      ],
    ],
    [
      'TransactGetItems',
      dynamo('TransactGetItems', { TransactItems: [{ Get: { TableName: 'tasks', Key: key('a') } }] }),
      [`dynamodb:GetItem on ${tasks}`],
    ],
    ['DeleteTable', onTasks('DeleteTable', {}), [`dynamodb:DeleteTable on ${tasks}`]],
    ['ListTables', dynamo('ListTables', {}), ['dynamodb:ListTables on *']],
    [
      'DescribeStream',
      call('dynamodbstreams', 'DescribeStream', {
        StreamArn: 'arn:aws:dynamodb:ddblocal:000000000000:table/tasks/stream/2026-11-26T03:23:22.208',
      }),
      [`dynamodb:DescribeStream on ${tasks}/stream/local`],
    ],
    [
      'GetRecords, by an iterator of DynamoDB Local',
      call('dynamodbstreams', 'GetRecords', {
        ShardIterator: 'arn:aws:dynamodb:ddblocal:000000000000:table/tasks/stream/2026-11-26T03:23:22.208|001|c2hhcmQ',
      }),
      [`dynamodb:GetRecords on ${tasks}/stream/local`],
    ],
    [
      'GetRecords, by an iterator of dynoxide',
      call('dynamodbstreams', 'GetRecords', { ShardIterator: btoa('{"table_name":"tasks","position":0}') }),
      [`dynamodb:GetRecords on ${tasks}/stream/local`],
    ],
    ['ListStreams', call('dynamodbstreams', 'ListStreams', {}), ['dynamodb:ListStreams on *']],
    ...['SendMessage', 'DeleteMessage', 'ChangeMessageVisibility'].flatMap((name): [string, AwsCall, string[]][] => {
      const body = { QueueUrl: 'http://127.0.0.1:1/000000000000/ready' };
      const needs = [`sqs:${name.toLowerCase()} on ${arn('sqs', 'ready')}`];
      return [
        [name, call('sqs', name, body), needs],
        [`${name}Batch`, call('sqs', `${name}Batch`, body), needs],
      ];
    }),
    [
      'PutEvents, on each bus',
      call('events', 'PutEvents', {
        Entries: [{ EventBusName: 'a' }, { EventBusName: arn('events', 'event-bus/b') }, {}],
      }),
      ['a', 'b', 'default'].map((bus) => `events:PutEvents on ${arn('events', `event-bus/${bus}`)}`),
    ],
  ])('%s', (_, made, needs) => {
    const statements = needs.map((need) => need.split(' on ') as [string, string]);
    // Each of them is needed, and together they are sufficient.
    expect(
      refused(policiesOf(...statements.map(([action, resource]) => allow(action, resource))), made),
    ).toBeUndefined();
    for (const missing of needs) {
      const others = statements.filter(([action, resource]) => `${action} on ${resource}` !== missing);
      expect(refused(policiesOf(...others.map(([action, resource]) => allow(action, resource))), made)).toBe(missing);
    }
  });
});

describe('a statement allows', () => {
  const get = (table: string, pk = 'a') => dynamo('GetItem', { TableName: table, Key: key(pk) });
  test.each<[string, object, AwsCall, boolean]>([
    ['actions by a wildcard', allow('dynamodb:Get*', tasks), get('tasks'), true],
    ['actions regardless of case', allow('dynamodb:getitem', tasks), get('tasks'), true],
    ['no other action', allow(['dynamodb:PutItem', 'sqs:*'], '*'), get('tasks'), false],
    ['resources by a wildcard', allow('dynamodb:GetItem', arn('dynamodb', 'table/t?sk*')), get('tasks'), true],
    ['no other table', allow('dynamodb:GetItem', tasks), get('agents'), false],
    ['a table, not its indexes', allow('dynamodb:Query', tasks), query('g = :v', 'a', { IndexName: 'work' }), false],
    ['an index, not its table', allow('dynamodb:Query', `${tasks}/index/work`), query('pk = :v', 'a'), false],
    ['items of a key', allow('dynamodb:*', tasks, ['K'], 'StringEquals'), get('tasks', 'K'), true],
    ['literal keys', allow('dynamodb:*', tasks, ['A#*'], 'StringEquals'), get('tasks', 'A#1'), false],
    ['keys by a wildcard', allow('dynamodb:*', tasks, ['K', 'A#*']), get('tasks', 'A#1'), true],
    ['no other key', allow('dynamodb:*', tasks, ['A#*']), get('tasks', 'K'), false],
    ['a query by its key', allow('dynamodb:*', tasks, ['A#*']), query('sk > :from AND pk = :v', 'A#1'), true],
    ['no query of another', allow('dynamodb:*', tasks, ['A#*']), query('(pk = :v)', 'K'), false],
    [
      'a query whose key has another name',
      allow('dynamodb:*', tasks, ['A#*']),
      query('#key = :v', 'K', { ExpressionAttributeNames: { '#key': 'pk' } }),
      false,
    ],
    [
      'a batch whose keys all match',
      allow('dynamodb:*', tasks, ['A#*']),
      dynamo('BatchGetItem', { RequestItems: { tasks: { Keys: [key('A#1'), key('A#2')] } } }),
      true,
    ],
    [
      'no batch with another key among them',
      allow('dynamodb:*', tasks, ['A#*']),
      dynamo('BatchGetItem', { RequestItems: { tasks: { Keys: [key('A#1'), key('K')] } } }),
      false,
    ],
    [
      'no batch that deletes another',
      allow('dynamodb:*', tasks, ['A#*']),
      dynamo('BatchWriteItem', { RequestItems: { tasks: [{ DeleteRequest: { Key: key('K') } }] } }),
      false,
    ],
    ['a call without items, as with ForAllValues', allow('dynamodb:*', tasks, ['A#*']), onTasks('Scan', {}), true],
  ])('%s', (_, statement, made, isAllowed) => {
    expect(refused(policiesOf(statement), made) === undefined).toBe(isAllowed);
  });
});

test('a deny statement overrides all that allow', () => {
  const policies = policiesOf(allow('dynamodb:*', '*'), {
    Effect: 'Deny',
    Action: 'dynamodb:*',
    Resource: tasks,
    Condition: allow('', '', ['K']).Condition,
  });
  expect(policies.authorize(onTasks('GetItem', { Key: key('a') }))).toBeUndefined();
  expect(policies.authorize(onTasks('GetItem', { Key: key('K') }))?.body).toContain(
    'with an explicit deny in an identity-based policy',
  );
});

test('an unsupported key condition does not bypass the policies', () => {
  const policies = policiesOf(allow('dynamodb:*', tasks, ['A#*']));
  expect(() => policies.authorize(query(':v = pk', 'K'))).toThrow('no equality with the partition key pk was found');
});

test("only the template's functions and the operator are known callers", () => {
  const policies = policiesOf();
  const list = (caller: string) => policies.authorize(call('dynamodb', 'ListTables', {}, caller));
  expect(list('operator')).toBeUndefined();
  expect(list('somebody')?.body).toContain('UnrecognizedClientException');
  expect(list('Api')?.body).toContain('AccessDeniedException');
});

test('unused permissions are reported: an action, a resource, a key', () => {
  const policies = policiesOf(allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [tasks, `${tasks}2`], ['A', 'B']));
  policies.authorize(onTasks('GetItem', { Key: key('A') }));
  policies.authorize(onTasks('GetItem', { Key: key('C') }));
  expect(policies.unused().map(({ functionId, unused }) => `${functionId}: ${unused}`)).toEqual([
    'Api: dynamodb:PutItem',
    `Api: ${tasks}2`,
    'Api: B',
  ]);
});

test.each([
  ['Ba*', 'Bar', true],
  ['*a*', 'Bar', true],
  ['B?r', 'Bar', true],
  ['B?r', 'Br', false],
  ['a.c', 'abc', false],
  ['*', 'any\nthing', true],
  ['a*c', 'abcd', false],
  ['(a', '(a', true],
])('%s as a pattern of %s: %s', (pattern, text, matches) => {
  expect(wildcard(pattern)(text)).toBe(matches);
});
