import { beforeAll, expect, test } from 'vitest';
import { functionNames, type FunctionName } from '#scripts/bundle.ts';
import { env } from '#shared/env.ts';
import { allOf, functionNamed, synthesize, type Synthesized } from './synthesize.ts';

let muster: Synthesized;
beforeAll(async () => {
  muster = await synthesize();
});

interface Statement {
  actions: string[];
  resources: string[];
}

const listed = (value: string | string[]) => (Array.isArray(value) ? value : [value]);

/** What the policies of a role allow. */
function statementsOf(role: unknown): Statement[] {
  const policies = Object.values(allOf(muster, 'AWS::IAM::Policy')).filter(({ Roles }) =>
    (Roles as unknown[]).includes(role),
  );
  return policies.flatMap(({ PolicyDocument }) => {
    const { Statement } = PolicyDocument as { Statement: { Action: string | string[]; Resource: string | string[] }[] };
    return Statement.map(({ Action, Resource }) => ({ actions: listed(Action), resources: listed(Resource) }));
  });
}

/** What a function may do, as `resource: actions`, except to write its own log. */
function permissionsOf(name: FunctionName): Record<string, string[]> {
  const permissions: Record<string, string[]> = {};
  for (const { actions, resources } of statementsOf(functionNamed(muster, name).Role)) {
    if (actions.includes('logs:PutLogEvents')) continue;
    for (const resource of resources) permissions[resource] = [...(permissions[resource] ?? []), ...actions].sort();
  }
  return permissions;
}

const onItems = (...actions: string[]) => actions.map((action) => `dynamodb:${action}`);
const send = ['sqs:SendMessage'];

test.each(['api', 'mcp'] as const)('%s may read and write items, query both indexes and hint at tasks', (name) => {
  const items = onItems('BatchGetItem', 'BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem');
  expect(permissionsOf(name)).toEqual({
    StorageTasks: items,
    'StorageTasks/index/work': onItems('Query'),
    'StorageTasks/index/by-agent': onItems('Query'),
    StorageAgents: items.filter((action) => action !== 'dynamodb:BatchWriteItem'),
    DispatchReadyQueue: send,
  });
});

test('the authorizer may look up a key and nothing else', () => {
  expect(permissionsOf('authorize')).toEqual({ StorageAgents: onItems('GetItem') });
});

test('the router may take from the ready queue, read lanes and agents, and assign', () => {
  expect(permissionsOf('route-ready-tasks')).toEqual({
    StorageTasks: onItems('BatchGetItem', 'GetItem', 'UpdateItem'),
    'StorageTasks/index/work': onItems('Query'),
    StorageAgents: onItems('BatchGetItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    DispatchReadyQueue: [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:ReceiveMessage',
    ],
  });
});

test('the publisher may read the stream, hint, publish, settle agents and put dead letters aside', () => {
  expect(permissionsOf('publish-changes')).toEqual({
    '*': onItems('ListStreams'),
    'StorageTasks/stream': onItems('DescribeStream', 'GetRecords', 'GetShardIterator'),
    StorageTasks: onItems('Query', 'UpdateItem'),
    StorageAgents: onItems('BatchGetItem', 'GetItem', 'UpdateItem'),
    DispatchReadyQueue: send,
    EventsChangesDeadLetters: send,
    EventsBus: ['events:PutEvents'],
  });
});

test('the release of dependents may read and change tasks, wake lanes, and use the queue of what is to be repeated', () => {
  const { EventsReleaseQueue: onQueue, ...others } = permissionsOf('release-dependents');
  expect(others).toEqual({
    StorageTasks: onItems('BatchGetItem', 'GetItem', 'Query', 'UpdateItem'),
    // Lanes are seen active before a task is released into them.
    StorageAgents: onItems('GetItem', 'PutItem', 'UpdateItem'),
  });
  expect([...new Set(onQueue)]).toEqual([
    'sqs:ChangeMessageVisibility',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:GetQueueUrl',
    'sqs:ReceiveMessage',
    'sqs:SendMessage',
  ]);
});

test('the sweep may find what is due, change tasks and agents, and hint', () => {
  expect(permissionsOf('sweep')).toEqual({
    StorageTasks: onItems('BatchGetItem', 'DeleteItem', 'GetItem', 'Query', 'UpdateItem'),
    'StorageTasks/index/work': onItems('Query'),
    StorageAgents: onItems('BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    DispatchReadyQueue: send,
  });
});

test.each(functionNames)('%s is told the names of exactly what it may use', (name) => {
  const { Variables } = functionNamed(muster, name).Environment as { Variables: Record<string, string> };
  const permissions = permissionsOf(name);
  const told = (variable: string) => Variables[variable] ?? null;
  const mayUse = (resource: string, ...actions: string[]) =>
    actions.some((action) => permissions[resource]?.includes(action)) ? resource : null;
  expect(told(env.tasksTable)).toBe(mayUse('StorageTasks', 'dynamodb:GetItem', 'dynamodb:Query'));
  expect(told(env.agentsTable)).toBe(mayUse('StorageAgents', 'dynamodb:GetItem'));
  expect(told(env.readyQueueUrl)).toBe(mayUse('DispatchReadyQueue', 'sqs:SendMessage'));
  expect(told(env.releaseQueueUrl)).toBe(mayUse('EventsReleaseQueue', 'sqs:SendMessage'));
  expect(told(env.deadLetterQueueUrl)).toBe(mayUse('EventsChangesDeadLetters', 'sqs:SendMessage'));
  expect(told(env.busName)).toBe(mayUse('EventsBus', 'events:PutEvents'));
});

test('every function has a role of its own, without managed policies', () => {
  const roles = allOf(muster, 'AWS::IAM::Role');
  expect(Object.keys(roles)).toHaveLength(functionNames.length);
  expect(new Set(functionNames.map((name) => functionNamed(muster, name).Role)).size).toBe(functionNames.length);
  for (const { ManagedPolicyArns } of Object.values(roles)) expect(ManagedPolicyArns).toBeUndefined();
});

test('no role allows all actions, and only the stream API, which knows no less, allows all resources', () => {
  for (const { actions, resources } of Object.keys(allOf(muster, 'AWS::IAM::Role')).flatMap(statementsOf)) {
    expect(actions.join()).not.toContain('*');
    if (resources.join().includes('*')) expect(actions).toEqual(['dynamodb:ListStreams']);
  }
});

test.each(functionNames)('%s writes only its own log', (name) => {
  const { Role, LoggingConfig } = functionNamed(muster, name);
  const { LogGroup } = LoggingConfig as { LogGroup: string };
  expect(statementsOf(Role).filter(({ actions }) => actions.join().includes('logs:'))).toEqual([
    { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [LogGroup] },
  ]);
});
