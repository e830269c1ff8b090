import { expect, test } from '../support/own-muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

const statuses = ['waiting', 'pending', 'assigned', 'running', 'completed', 'failed', 'blocked', 'cancelled'] as const;

/** Every task there is, read page by page. */
async function allTasks(muster: TestMuster) {
  const tasks = [];
  let cursor: string | undefined;
  do {
    const page = await muster.call('query_tasks', { limit: 100, cursor });
    tasks.push(...page.tasks);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return tasks;
}

async function expectEqualToRecount(muster: TestMuster): Promise<void> {
  await muster.settled();
  const [counted, tasks] = await Promise.all([muster.call('get_queue_statistics', {}), allTasks(muster)]);
  const recount = Object.fromEntries(
    statuses.map((status) => [status, tasks.filter((task) => task.status === status).length]),
  );
  expect(counted).toMatchObject({ ...recount, total: tasks.length });
}

test('an empty queue has nothing but zeros, and a success rate of one', async ({ muster }) => {
  const { success_rate, ...rest } = await muster.call('get_queue_statistics', {});
  expect(success_rate).toBe(1);
  expect(new Set(Object.values(rest))).toEqual(new Set([0]));
});

test('statistics equal a recount, whatever has happened to the tasks', async ({ muster }) => {
  await muster.agent('worker', undefined, { max_concurrent_tasks: 10 });
  const routed = await muster.create(Array.from({ length: 6 }, () => ({ routing: 'auto' as const })));
  const [parent, doomed] = await muster.create([{}, {}]);
  await muster.create([
    { dependencies: [parent] },
    { dependencies: [doomed] },
    { dependencies: [doomed], on_dependency_failure: 'cancel' },
    { not_before: new Date(muster.clock.now() + 3_600_000).toISOString() },
    { requirements: [muster.name('nobody-can')], routing: 'auto' },
  ]);
  for (const task_id of routed) await muster.until(task_id, 'assigned');
  await expectEqualToRecount(muster);

  const [done = '', again = '', broken = '', stopped = '', lost = ''] = routed;
  await muster.finish(done);
  await muster.call('complete_task', { task_id: done, result: 'done' });
  await muster.fail(again, true);
  await muster.fail(broken);
  await muster.start(stopped);
  await muster.call('cancel_task', { task_id: stopped });
  await muster.start(lost);
  await muster.fail(doomed);
  await expectEqualToRecount(muster);

  await muster.call('retry_task', { task_id: broken });
  await muster.call('retry_task', { task_id: doomed });
  await muster.clock.advance('331s');
  await muster.fire('sweep');
  await muster.finish(parent);
  await expectEqualToRecount(muster);
});

test('rates and means follow from what was completed', async ({ muster }) => {
  const before = await muster.call('get_queue_statistics', {});
  for (const duration_ms of [1000, 3000]) {
    const task_id = await muster.create({});
    await muster.start(task_id);
    await muster.call('complete_task', { task_id, metrics: { duration_ms } });
  }
  await muster.fail(await muster.create({}));
  await muster.settled();

  const { completed, failed, success_rate, avg_execution_ms } = await muster.call('get_queue_statistics', {});
  expect([completed, failed]).toEqual([before.completed + 2, before.failed + 1]);
  expect(success_rate).toBeCloseTo(completed / (completed + failed));
  const sum = before.avg_execution_ms * before.completed + 4000;
  expect(avg_execution_ms).toBeCloseTo(sum / completed, 3);
});

test('the age of the oldest ready task is told', async ({ muster }) => {
  await muster.create({});
  await muster.clock.advance('2h');
  await muster.settled();
  expect((await muster.call('get_queue_statistics', {})).oldest_pending_seconds).toBeGreaterThanOrEqual(7200);
});
