import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AwsCall } from '#local/edge/edge.ts';
import { taskKey } from '#shared/adapters/item-keys.ts';
import { complete } from '#shared/domain/holding.ts';
import type { TaskRecord } from '#shared/domain/task.ts';
import { createTasks } from '#shared/operations/tasks/create-tasks.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, createsTask, loseAnswer, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { edgeTo } from '../support/task-life.ts';
import { day } from '../support/tasks.ts';
import { refusalCode, TestPorts } from '../support/test-ports.ts';

/** Completes a task and updates its dependents. */
async function finish(ports: TestPorts, { id }: Pick<TaskRecord, 'id'>): Promise<void> {
  const { agentId } = await ports.give(await ports.task(id), 'worker');
  await ports.tasks.apply(id, complete({ agentId, attempt: undefined }, {}, ports.clock.now()));
  await releaseDependents(ports, { id, status: 'completed' });
}

/** Whether a call writes a new task over a placeholder. */
const merges = ({ body }: AwsCall) => String(body['UpdateExpression']).includes('#createdAt');

describeOnEngine('creating a task twice with one idempotency key', createMusterTables, (context) => {
  test('creates one task, also concurrently, in another process, and with fields in any order', async () => {
    const ports = new TestPorts(context);
    const metadata = { a: 1, b: [{ c: 2, d: 3 }] };
    const body = { content: 'once', requirements: ['python', 'web'], metadata, idempotency_key: 'key' };
    const same = {
      idempotency_key: 'key',
      metadata: { b: [{ d: 3, c: 2 }], a: 1 },
      requirements: ['web', 'python', 'web'],
      content: 'once',
    };
    const created = await Promise.all(
      Array.from({ length: 16 }, (_, n) => ports.another().create(n % 2 === 0 ? body : same)),
    );
    created.push(await ports.create(body));
    expect(new Set(created.map(({ id }) => id)).size).toBe(1);
    const lane = { key: 'python|web', routing: 'manual' as const };
    expect(await ports.listings.page({ of: 'lane', lane }, 10, {})).toHaveLength(1);
  });

  test('is refused with a different body, also concurrently, and leaves the first as it was', async () => {
    const ports = new TestPorts(context);
    const dependency = await ports.create();
    const bodies = [{ content: 'one' }, { content: 'two', dependencies: [dependency.id] }, { content: 'three' }];
    const outcomes = await Promise.allSettled(
      bodies.map((body) => ports.another().create({ ...body, idempotency_key: 'key' })),
    );
    const created = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value);
    expect(created).toHaveLength(1);
    const first = await ports.task(created[0]?.id ?? '');
    expect(await refusalCode(ports.create({ content: 'four', idempotency_key: 'key' }))).toBe('idempotency_mismatch');
    expect(await ports.task(first.id)).toEqual(first);
  });

  test('changes nothing of a task that is held by now', async () => {
    const ports = new TestPorts(context);
    await ports.register('worker');
    const body = { content: 'once', idempotency_key: 'key' };
    const held = await ports.give(await ports.create(body), 'worker');
    expect(await ports.create(body)).toEqual(held);
    expect(await ports.task(held.id)).toEqual(held);
  });

  test('creates another task for another caller or another key', async () => {
    const ports = new TestPorts(context);
    const body = { content: 'once', idempotency_key: 'key' };
    const [one, other, third] = [
      await ports.create(body, 'key-1'),
      await ports.create(body, 'key-2'),
      await ports.create({ ...body, idempotency_key: 'key-2' }, 'key-1'),
    ];
    expect(new Set([one.id, other.id, third.id]).size).toBe(3);
  });

  test('keeps the state of the task if the first response was lost', async () => {
    const ports = new TestPorts(context);
    await ports.register('worker');
    const dependency = await ports.create();
    const body = { content: 'child', dependencies: [dependency.id], idempotency_key: 'key' };
    // The dependency is met between its read and the write of the child, whose process dies right after that.
    beforeCall(context.edge, updates('child'), () => finish(ports.another(), dependency));
    loseAnswer(context.edge, merges);
    await expect(ports.create(body)).rejects.toThrow();
    expect(await ports.create(body)).toMatchObject({ status: 'pending', done: [0] });
  });
});

describeOnEngine('a dependency that is met', createMusterTables, (context) => {
  const child = { content: 'child', idempotency_key: 'child' };

  test('before the child is created counts as met', async () => {
    const ports = new TestPorts(context);
    await ports.register('worker');
    const [one, two] = [await ports.create(), await ports.create()];
    await finish(ports, one);
    expect(await ports.create({ ...child, dependencies: [one.id, two.id] })).toMatchObject({
      status: 'waiting',
      done: [0],
    });
    await finish(ports, two);
    expect(await ports.create({ ...child, dependencies: [one.id, two.id] })).toMatchObject({
      status: 'pending',
      done: [0, 1],
    });
  });

  describe('while the child is being created, after its dependencies were read,', () => {
    test('has recorded itself on the placeholder, so the child is ready at once', async () => {
      const ports = new TestPorts(context);
      await ports.register('worker');
      const [one, two] = [await ports.create(), await ports.create()];
      beforeCall(context.edge, updates('child'), async () => {
        await finish(ports.another(), two);
        await finish(ports.another(), one);
      });
      const created = await ports.create({ ...child, dependencies: [one.id, two.id] });
      expect(created).toMatchObject({ status: 'pending', done: [0, 1], failed: [] });
      expect(await ports.item(created.id)).not.toHaveProperty('ttl');
    });

    test('does so once, and later ones find the child', async () => {
      const ports = new TestPorts(context);
      await ports.register('worker');
      const [one, two] = [await ports.create(), await ports.create()];
      beforeCall(context.edge, updates('child'), () => finish(ports.another(), one));
      const { id } = await ports.create({ ...child, dependencies: [one.id, two.id] });
      expect(await ports.task(id)).toMatchObject({ status: 'waiting', done: [0] });
      await finish(ports, two);
      expect(await ports.task(id)).toMatchObject({ status: 'pending', done: [0, 1] });
    });
  });
});

describeOnEngine('what dependencies record on a placeholder', createMusterTables, (context) => {
  const edge = (ordinal: number, bodyHash: string) =>
    edgeTo(
      {
        id: 'child',
        bodyHash,
        need: 2,
        policy: 'block',
        lane: '',
        routing: 'manual',
        priority: 'low',
        timeoutMs: 1,
      } as TaskRecord,
      ordinal,
    );
  const waiting = (ports: TestPorts, bodyHash: string) =>
    ports.tasks.create({
      record: {
        id: 'child',
        type: 'general',
        priority: 'low',
        lane: '',
        routing: 'manual',
        policy: 'block',
        timeoutMs: 1,
        maxAttempts: 1,
        createdAt: ports.clock.now(),
        bodyHash,
        need: 2,
      },
      first: {
        set: { status: 'waiting', checkEveryMs: 1 },
        met: [],
        indexEntry: { in: 'checks', at: ports.clock.now() },
      },
    });
  const mark = (ports: TestPorts, ordinal: number, bodyHash: string, how: 'met' | 'failed' | 'unfailed' = 'met') =>
    ports.tasks.recordDependency(edge(ordinal, bodyHash), how, ports.clock.now());

  test('is merged into the child: met, failed and no longer failed', async () => {
    const ports = new TestPorts(context);
    for (const ordinal of [0, 1, 2]) await mark(ports, ordinal, 'body', 'failed');
    await mark(ports, 1, 'body', 'met');
    await mark(ports, 1, 'body', 'failed');
    await mark(ports, 2, 'body', 'unfailed');
    expect(await ports.tasks.get('child')).toBeUndefined();
    expect(await waiting(ports, 'body')).toMatchObject({ applied: true, task: { done: [1], failed: [0] } });
  });

  test('is left to the child itself if the child is written at the same moment', async () => {
    const ports = new TestPorts(context);
    const leaves = ({ body }: AwsCall) => JSON.stringify(body).includes('"ttl"');
    beforeCall(context.edge, leaves, () => waiting(ports.another(), 'body'));
    expect(await mark(ports, 0, 'body')).toMatchObject({ status: 'waiting', done: [0] });
    expect(await ports.item('child')).not.toHaveProperty('ttl');
  });

  test('may be deleted before the merge: the child is created without it', async () => {
    const ports = new TestPorts(context);
    await mark(ports, 0, 'body');
    const remove = new DeleteCommand({ TableName: context.tables.tasks, Key: taskKey('child') });
    beforeCall(context.edge, merges, () => context.documentClient.send(remove));
    expect(await waiting(ports, 'body')).toMatchObject({ applied: true, task: { done: [] } });
  });

  test('is discarded if it belongs to another body, whose ordinals mean other dependencies', async () => {
    const ports = new TestPorts(context);
    await mark(ports, 0, 'other body', 'failed');
    await mark(ports, 1, 'other body');
    await mark(ports, 0, 'body');
    expect(await waiting(ports, 'body')).toMatchObject({ applied: true, task: { done: [], failed: [] } });
    expect(await ports.item('child')).not.toHaveProperty('ttl');
  });

  test('is discarded once: of two bodies that arrive then, one is created', async () => {
    const ports = new TestPorts(context);
    await mark(ports, 0, 'other body');
    const replaces = ({ body }: AwsCall) => body['ConditionExpression'] === 'attribute_not_exists(#status)';
    beforeCall(context.edge, replaces, () => waiting(ports.another(), 'first'));
    expect(await waiting(ports, 'second')).toMatchObject({ applied: false, task: { bodyHash: 'first' } });
    expect(await ports.task('child')).toMatchObject({ bodyHash: 'first' });
  });

  test('never changes a child of another body', async () => {
    const ports = new TestPorts(context);
    await waiting(ports, 'body');
    const item = await ports.item('child');
    for (const how of ['met', 'failed', 'unfailed'] as const)
      expect(await mark(ports, 0, 'other body', how)).toBeUndefined();
    expect(await ports.item('child')).toEqual(item);
  });

  test('expires after a day', async () => {
    const ports = new TestPorts(context);
    await mark(ports, 0, 'other body');
    expect(Number((await ports.item('child'))['ttl']) * 1000 - ports.clock.now()).toBe(day);
    ports.clock.advance('1d');
    expect(await waiting(ports, 'body')).toMatchObject({ applied: true, task: { done: [] } });
  });
});

describeOnEngine('creating many tasks at once', createMusterTables, (context) => {
  test('takes one write for their edges, one read of their dependencies and one registration of their lane', async () => {
    const ports = new TestPorts(context);
    const parents = await Promise.all(Array.from({ length: 25 }, () => ports.create({})));
    const calls: AwsCall[] = [];
    onTestFinished(
      context.edge.intercept((call, next) => {
        calls.push(call);
        return next();
      }),
    );
    const tasks = parents.map(({ id }) => ({ content: 'next', requirements: ['python'], dependencies: [id] }));
    const { results } = (await ports.perform(createTasks, { tasks })) as { results: { task: { status: string } }[] };

    expect(results.map(({ task }) => task.status)).toEqual(Array(25).fill('waiting'));
    const count = (action: string) => calls.filter((one) => one.action === action).length;
    expect(count('BatchWriteItem')).toBe(1);
    expect(count('BatchGetItem')).toBe(1);
    expect(calls.filter(createsTask)).toHaveLength(25);
    // For the new lane.
    expect(count('UpdateItem')).toBe(3);
  });
});
