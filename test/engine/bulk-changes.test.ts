/** Tasks that change between being listed and being changed. */
import { expect, test } from 'vitest';
import type { AwsCall } from '#local/edge/edge.ts';
import { cancelTask } from '#shared/operations/tasks/cancel-task.ts';
import { cancelTasks } from '#shared/operations/tasks/cancel-tasks.ts';
import { retryTask } from '#shared/operations/tasks/retry-task.ts';
import { retryTasks } from '#shared/operations/tasks/retry-tasks.ts';
import { failTask } from '#shared/operations/work/fail-task.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { TestPorts } from '../support/test-ports.ts';

const reads = (id: string) => (call: AwsCall) =>
  call.action === 'GetItem' && JSON.stringify(call.body).includes(`T#${id}`);

describeOnEngine('a task that is selected by its status', createMusterTables, (context) => {
  test('is not cancelled if it was started since it was listed', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const [started, other] = [await ports.create(), await ports.create()];
    beforeCall(context.edge, reads(started.id), () => ports.another().give(started, 'ada'));
    const pending = { status: ['pending'], limit: 10 };
    expect(await ports.perform(cancelTasks, pending)).toMatchObject({ changed: 1, refused: [] });
    expect(await ports.task(started.id)).toMatchObject({ status: 'running' });
    expect(await ports.task(other.id)).toMatchObject({ status: 'cancelled' });
  });

  test('is not retried if it was retried and cancelled since it was listed', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada');
    await ports.perform(failTask, { task_id: id, error: 'no answer', should_retry: false });
    beforeCall(context.edge, reads(id), async () => {
      await ports.another().perform(retryTask, { task_id: id });
      await ports.another().perform(cancelTask, { task_id: id });
    });
    const refused = [{ task_id: id, code: 'not_retryable' }];
    const failed = { status: ['failed'], limit: 10 };
    expect(await ports.perform(retryTasks, failed)).toMatchObject({ changed: 0, refused });
    expect(await ports.task(id)).toMatchObject({ status: 'cancelled' });
  });
});
