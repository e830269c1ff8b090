import { expect, test } from 'vitest';
import type { AwsCall } from '#local/edge/edge.ts';
import { times } from '#shared/domain/settings.ts';
import type { TaskRecord } from '#shared/domain/task.ts';
import { cancel } from '#shared/domain/lifecycle.ts';
import { retryTask } from '#shared/operations/tasks/retry-task.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { edgeTo } from '../support/task-life.ts';
import { refusalCode, TestPorts } from '../support/test-ports.ts';

async function finish(ports: TestPorts, { id }: Pick<TaskRecord, 'id'>): Promise<void> {
  await ports.give(await ports.task(id), 'worker');
  await ports.perform(completeTask, { task_id: id });
}

describeOnEngine('a task past the maximum age', createMusterTables, (context) => {
  test('is not retried, since its data may be gone', async () => {
    const ports = new TestPorts(context);
    const task = await ports.create();
    ports.clock.advance(times.maxAgeMs);
    await ports.tasks.apply(task.id, cancel(task, undefined, ports.clock.now()));
    const retried = () => refusalCode(ports.perform(retryTask, { task_id: task.id }));
    ports.clock.advance(1);
    expect(await retried()).toBe('not_retryable');
    expect(await ports.task(task.id)).toMatchObject({ status: 'cancelled' });
  });
});

describeOnEngine('an ended task past its retention', createMusterTables, (context) => {
  test('does not exist, whether or not DynamoDB has deleted it', async () => {
    const ports = new TestPorts(context);
    await ports.register('worker');
    const { id, lane } = await ports.create({ idempotency_key: 'key' });
    await finish(ports, { id });
    ports.clock.advance(ports.settings.retentionMs - 1);
    expect(await ports.task(id)).toMatchObject({ status: 'completed' });

    ports.clock.advance(1);
    expect(await ports.tasks.get(id)).toBeUndefined();
    expect(await ports.tasks.getMany([id], { consistent: true })).toEqual([]);
    const another = await ports.create({ idempotency_key: 'key', content: 'another body' });
    expect(another).toMatchObject({ id, lane, status: 'pending', attempt: 0 });
  });

  test('is replaced once by callers that reuse its idempotency key', async () => {
    const ports = new TestPorts(context);
    await ports.register('worker');
    const body = { content: 'again', idempotency_key: 'key' };
    await finish(ports, await ports.create(body));
    ports.clock.advance(ports.settings.retentionMs);
    const removes = ({ action }: AwsCall) => action === 'DeleteItem';
    beforeCall(context.edge, removes, async () => ports.another().give(await ports.another().create(body), 'worker'));
    expect(await ports.create(body)).toMatchObject({ status: 'running', attempt: 1 });
  });

  test('does not hold up what its dependencies still report to it', async () => {
    const ports = new TestPorts(context);
    await ports.store({
      ...(await ports.create()),
      id: 'child',
      status: 'cancelled',
      need: 1,
      endedAt: ports.clock.now(),
    });
    ports.clock.advance(ports.settings.retentionMs);
    const child = { ...(await ports.create()), id: 'child', need: 1 };
    for (const bodyHash of [child.bodyHash, 'another body']) {
      expect(
        await ports.tasks.recordDependency(edgeTo({ ...child, bodyHash }, 0), 'met', ports.clock.now()),
      ).toBeUndefined();
    }
  });

  test('leaves edges that expire after the maximum age plus the retention', async () => {
    const ports = new TestPorts(context);
    const parent = await ports.create();
    await ports.create({ dependencies: [parent.id] });
    expect((await ports.tasks.edges(parent.id, undefined)).items).toHaveLength(1);
    ports.clock.advance(times.maxAgeMs + ports.settings.retentionMs - 1);
    expect((await ports.tasks.edges(parent.id, undefined)).items).toHaveLength(1);
    ports.clock.advance(1);
    expect((await ports.tasks.edges(parent.id, undefined)).items).toEqual([]);
  });
});
