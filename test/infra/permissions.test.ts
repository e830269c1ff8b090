import { beforeAll, expect, test } from 'vitest';
import { functionNames, type FunctionName } from '#scripts/bundle.ts';
import { wildcard } from '#local/template/wildcard.ts';
import {
  accessKeyPartition,
  activeLanes,
  agentDirectory,
  agentKey,
  dataFormatKey,
  laneDirectory,
  lanePartition,
  laneVersionKey,
  memberPartition,
  poisonKey,
  profileKey,
  recountKey,
  snapshotKey,
  minuteKey,
  statisticsKey,
} from '#shared/adapters/item-keys.ts';
import { env } from '#shared/env.ts';
import { agentsTableItems } from '#shared/schema.ts';
import { allOf, functionNamed, synthesize, type Synthesized } from './synthesize.ts';

let muster: Synthesized;
beforeAll(async () => {
  muster = await synthesize();
});

interface Statement {
  actions: string[];
  resources: string[];
  /** The patterns of partition keys that it is limited to. */
  keys: string[];
}

const listed = (value: string | string[]) => (Array.isArray(value) ? value : [value]);

interface PolicyStatement {
  Action: string | string[];
  Resource: string | string[];
  Condition?: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': string | string[] } };
}

/** The statements of a role's policies. */
function statementsOf(role: unknown): Statement[] {
  const policies = Object.values(allOf(muster, 'AWS::IAM::Policy')).filter(({ Roles }) =>
    (Roles as unknown[]).includes(role),
  );
  return policies.flatMap(({ PolicyDocument }) =>
    (PolicyDocument as { Statement: PolicyStatement[] }).Statement.map(({ Action, Resource, Condition }) => ({
      actions: listed(Action),
      resources: listed(Resource),
      keys: listed(Condition?.['ForAllValues:StringLike']['dynamodb:LeadingKeys'] ?? []),
    })),
  );
}

/** A function's permissions, as `resource: actions` or `resource keys: actions`, except writing its own log. */
function permissionsOf(name: FunctionName): Record<string, string[]> {
  const permissions: Record<string, string[]> = {};
  for (const { actions, resources, keys } of statementsOf(functionNamed(muster, name).Role)) {
    if (actions.includes('logs:PutLogEvents')) continue;
    for (const resource of resources) {
      const what = [resource, ...keys].join(' ');
      permissions[what] = [...(permissions[what] ?? []), ...actions].sort();
    }
  }
  return permissions;
}

const onItems = (...actions: string[]) => actions.map((action) => `dynamodb:${action}`);
const send = ['sqs:SendMessage'];
/** What Lambda needs to deliver a queue's messages. */
const take = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];

/** Every process reads the data format. */
const format = { 'StorageAgents F': onItems('GetItem') };

/** What both transports can do. */
const operations = {
  StorageTasks: onItems('BatchGetItem', 'BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
  'StorageTasks/index/work': onItems('Query'),
  'StorageTasks/index/by-agent': onItems('Query'),
  'StorageAgents A#*': onItems('BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'),
  'StorageAgents A': onItems('DeleteItem', 'PutItem', 'Query'),
  'StorageAgents C#*': onItems('DeleteItem', 'PutItem', 'Query'),
  'StorageAgents L': onItems('BatchGetItem', 'GetItem', 'UpdateItem'),
  'StorageAgents LA L#*': onItems('PutItem', 'Query'),
  DispatchReadyQueue: send,
  ...format,
};

test('api can read and write items, manage keys and recount', () => {
  expect(permissionsOf('api')).toEqual({
    ...operations,
    'StorageAgents S': onItems('GetItem', 'PutItem', 'Query', 'UpdateItem'),
    'StorageAgents K': onItems('PutItem', 'Query', 'UpdateItem'),
  });
});

test('mcp can do the same except what has no tool: it changes no keys and no counts', () => {
  expect(permissionsOf('mcp')).toEqual({
    ...operations,
    'StorageAgents S': onItems('GetItem', 'Query'),
  });
});

test('the authorizer can only look up a key', () => {
  expect(permissionsOf('authorize')).toEqual({ 'StorageAgents K': onItems('GetItem'), ...format });
});

test('no other function can access keys; only api can list and write them', () => {
  const onKeys = functionNames.flatMap((name) => {
    const actions = permissionsOf(name)['StorageAgents K'] ?? [];
    return actions.map((action) => [name, action] as const);
  });
  const usedBy = Object.groupBy(onKeys, ([name]) => name);
  expect(Object.keys(usedBy).sort()).toEqual(['api', 'authorize']);
  const readers = onKeys.filter(([, action]) => /Get/.test(action)).map(([name]) => name);
  expect(new Set(readers)).toEqual(new Set(['authorize']));
});

test('no function can use the agents table without a condition on keys', () => {
  for (const name of functionNames) expect(permissionsOf(name)).not.toHaveProperty('StorageAgents');
});

test('every key of the agents table belongs to one kind of item', () => {
  const keys = Object.values(agentsTableItems).flat();
  const kindsOf = (key: string) => keys.filter((pattern) => wildcard(pattern)(key));
  const made = [
    agentKey('a').pk,
    profileKey('a').pk,
    agentDirectory,
    memberPartition('*'),
    laneDirectory,
    activeLanes,
    laneVersionKey.pk,
    lanePartition('*'),
    statisticsKey.pk,
    minuteKey(0).pk,
    recountKey.pk,
    snapshotKey('fleet').pk,
    poisonKey('consumer', 'shard').pk,
    accessKeyPartition,
    dataFormatKey.pk,
  ];
  for (const key of made) expect(kindsOf(key)).toHaveLength(1);
  expect(new Set(made.flatMap(kindsOf))).toEqual(new Set(keys));
});

test('the dashboard can only log', () => {
  expect(permissionsOf('dashboard')).toEqual({});
});

test('the router can receive and send wake-ups, read lanes and agents, and assign', () => {
  expect(permissionsOf('route-ready-tasks')).toEqual({
    StorageTasks: onItems('BatchGetItem', 'UpdateItem'),
    'StorageTasks/index/work': onItems('Query'),
    'StorageAgents A#*': onItems('BatchGetItem', 'GetItem', 'UpdateItem'),
    'StorageAgents C#*': onItems('Query'),
    'StorageAgents L': onItems('BatchGetItem', 'GetItem', 'UpdateItem'),
    'StorageAgents LA L#*': onItems('PutItem', 'Query'),
    'StorageAgents S': onItems('GetItem'),
    DispatchReadyQueue: [...take, ...send],
    ...format,
  });
});

test('the counter can read the stream, count and dead-letter', () => {
  expect(permissionsOf('count-changes')).toEqual({
    '*': onItems('ListStreams'),
    'StorageTasks/stream': onItems('DescribeStream', 'GetRecords', 'GetShardIterator'),
    StorageTasks: onItems('UpdateItem'),
    'StorageAgents S': onItems('PutItem', 'UpdateItem'),
    EventsChangesDeadLetters: send,
    ...format,
  });
});

test('the publisher can read the stream, wake, publish, free slots and dead-letter', () => {
  expect(permissionsOf('publish-changes')).toEqual({
    '*': onItems('ListStreams'),
    'StorageTasks/stream': onItems('DescribeStream', 'GetRecords', 'GetShardIterator'),
    StorageTasks: onItems('BatchGetItem', 'Query', 'UpdateItem'),
    'StorageAgents A#*': onItems('BatchGetItem', 'GetItem', 'UpdateItem'),
    'StorageAgents L': onItems('BatchGetItem'),
    'StorageAgents S': onItems('GetItem', 'UpdateItem'),
    DispatchReadyQueue: send,
    EventsChangesDeadLetters: send,
    EventsBus: ['events:PutEvents'],
    ...format,
  });
});

test('the release of dependents can read and change tasks, activate lanes, and use its retry queue', () => {
  expect(permissionsOf('release-dependents')).toEqual({
    StorageTasks: onItems('BatchGetItem', 'GetItem', 'Query', 'UpdateItem'),
    'StorageAgents L': onItems('GetItem', 'UpdateItem'),
    'StorageAgents LA L#*': onItems('PutItem'),
    EventsReleaseQueue: [...take, ...send],
    ...format,
  });
});

test('the sweep can find what is due, change tasks and agents, and wake', () => {
  expect(permissionsOf('sweep')).toEqual({
    StorageTasks: onItems('BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    'StorageTasks/index/work': onItems('Query'),
    'StorageAgents A#*': onItems('BatchGetItem', 'DeleteItem', 'GetItem', 'UpdateItem'),
    'StorageAgents A': onItems('DeleteItem', 'Query'),
    'StorageAgents C#*': onItems('DeleteItem', 'PutItem', 'Query'),
    'StorageAgents L': onItems('BatchGetItem', 'GetItem', 'Query', 'UpdateItem'),
    'StorageAgents LA L#*': onItems('DeleteItem', 'PutItem', 'Query'),
    'StorageAgents S': onItems('GetItem', 'PutItem', 'Query', 'UpdateItem'),
    'StorageAgents F': onItems('GetItem', 'UpdateItem'),
    DispatchReadyQueue: send,
  });
});

test.each(functionNames)('%s gets the names of exactly what it can use', (name) => {
  const { Variables } = functionNamed(muster, name).Environment as { Variables: Record<string, string> };
  const permissions = permissionsOf(name);
  const told = (variable: string) => Variables[variable] ?? null;
  const mayUse = (resource: string, service: string) =>
    Object.entries(permissions).some(
      ([what, actions]) => what.split(' ')[0] === resource && actions.some((action) => action.startsWith(service)),
    )
      ? resource
      : null;
  expect(told(env.tasksTable)).toBe(mayUse('StorageTasks', 'dynamodb:'));
  expect(told(env.agentsTable)).toBe(mayUse('StorageAgents', 'dynamodb:'));
  expect(told(env.readyQueueUrl)).toBe(mayUse('DispatchReadyQueue', 'sqs:SendMessage'));
  expect(told(env.releaseQueueUrl)).toBe(mayUse('EventsReleaseQueue', 'sqs:SendMessage'));
  expect(told(env.deadLetterQueueUrl)).toBe(mayUse('EventsChangesDeadLetters', 'sqs:SendMessage'));
  expect(told(env.busName)).toBe(mayUse('EventsBus', 'events:PutEvents'));
});

test('every function has its own role, without managed policies', () => {
  const roles = allOf(muster, 'AWS::IAM::Role');
  expect(Object.keys(roles)).toHaveLength(functionNames.length);
  expect(new Set(functionNames.map((name) => functionNamed(muster, name).Role)).size).toBe(functionNames.length);
  for (const { ManagedPolicyArns } of Object.values(roles)) expect(ManagedPolicyArns).toBeUndefined();
});

test('no role allows all actions, and only the stream API, which requires it, allows all resources', () => {
  for (const { actions, resources } of Object.keys(allOf(muster, 'AWS::IAM::Role')).flatMap(statementsOf)) {
    expect(actions.join()).not.toContain('*');
    if (resources.join().includes('*')) expect(actions).toEqual(['dynamodb:ListStreams']);
  }
});

test.each(functionNames)('%s writes only its own log', (name) => {
  const { Role, LoggingConfig } = functionNamed(muster, name);
  const { LogGroup } = LoggingConfig as { LogGroup: string };
  expect(statementsOf(Role).filter(({ actions }) => actions.join().includes('logs:'))).toEqual([
    { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [LogGroup], keys: [] },
  ]);
});
