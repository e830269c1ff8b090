/** A process that is paused between what it reads of a dependency and what it writes, while the dependency is retried. */
import { expect, test } from 'vitest';
import type { AwsCall } from '#local/edge/edge.ts';
import { cancelTask } from '#shared/operations/tasks/cancel-task.ts';
import { retryTask } from '#shared/operations/tasks/retry-task.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, createsTask, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { TestPorts } from '../support/test-ports.ts';

const reads =
  (id: string, action = 'GetItem') =>
  (call: AwsCall) =>
    call.action === action && JSON.stringify(call.body).includes(`T#${id}`);

describeOnEngine('a dependency that is retried meanwhile', createMusterTables, (context) => {
  async function failedDependency() {
    const ports = new TestPorts(context);
    const { id } = await ports.create();
    const dependent = async (on_failure: 'block' | 'cancel' | 'run_anyway', task_id = id) =>
      (await ports.create({ dependencies: [{ task_id, on_failure }] })).id;
    const fail = () => ports.perform(cancelTask, { task_id: id });
    const tell = async (of = id, by = ports.another()) => releaseDependents(by, await ports.task(of));
    const retry = async (of = id) => {
      await ports.another().perform(retryTask, { task_id: of });
      await tell(of);
    };
    return { ports, id, dependent, fail, tell, retry };
  }

  test('does not cancel its retried dependent by a late check', async () => {
    const { ports, dependent, fail, tell, retry } = await failedDependency();
    const child = await dependent('cancel');
    await fail();
    ports.clock.advance('5m');
    beforeCall(context.edge, updates(`T#${child}`), async () => {
      await tell();
      expect(await ports.task(child)).toMatchObject({ status: 'cancelled' });
      await retry();
      await retry(child);
    });
    expect(await sweep(ports.another(), () => true)).toEqual([]);
    expect(await ports.task(child)).toMatchObject({ status: 'waiting', failed: [], log: [{}, { cause: 'retried' }] });
  });

  test('does not release a dependent created since, which would run in spite of a failure', async () => {
    const { ports, id, dependent, fail, tell, retry } = await failedDependency();
    await dependent('block');
    await fail();
    let child = '';
    beforeCall(context.edge, reads(id, 'Query'), async () => {
      await retry();
      child = await dependent('run_anyway');
    });
    await tell();
    expect(await ports.task(child)).toMatchObject({ status: 'waiting', done: [] });
  });

  test('does not cancel the dependents of its dependent by a late release', async () => {
    const { ports, id, dependent, fail, tell, retry } = await failedDependency();
    const child = await dependent('block');
    const grandchild = await dependent('cancel', child);
    await fail();
    beforeCall(context.edge, updates(`T#${child}`), async () => {
      await tell();
      await tell(child);
      expect(await ports.task(grandchild)).toMatchObject({ status: 'cancelled' });
      await retry();
      await tell(child);
      await retry(grandchild);
      beforeCall(context.edge, reads(id), () => tell(child));
    });
    await tell();
    expect(await ports.task(child)).toMatchObject({ status: 'waiting', failed: [] });
    expect(await ports.task(grandchild)).toMatchObject({ status: 'waiting' });
  });

  test('does not block a dependent that is just being created', async () => {
    const { ports, dependent, fail, retry } = await failedDependency();
    await fail();
    beforeCall(context.edge, createsTask, () => retry());
    expect(await ports.task(await dependent('block'))).toMatchObject({ status: 'waiting', failed: [] });
  });

  test('does not block a dependent that is just being retried', async () => {
    const { ports, dependent, fail, retry } = await failedDependency();
    const child = await dependent('block');
    await ports.perform(cancelTask, { task_id: child });
    await fail();
    beforeCall(context.edge, updates(`T#${child}`), () => retry());
    expect(await ports.perform(retryTask, { task_id: child })).toMatchObject({ status: 'waiting' });
  });
});
