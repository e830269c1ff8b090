import { Status } from '#shared/contract/nouns.ts';
import { expect, test } from '../support/own-muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

/** All tasks, read page by page. */
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

/** Reads again if they differ, because a delayed retry may move a task between the two reads. */
async function expectEqualToRecount(muster: TestMuster): Promise<void> {
  const difference = async () => {
    await muster.settled();
    const counted = await muster.call('get_queue_statistics', {});
    const tasks = await allTasks(muster);
    const listed = (status: Status) => tasks.filter((task) => task.status === status).length;
    const wrong = Status().options.filter((status) => counted[status] !== listed(status));
    return [
      ...wrong.map((status) => `${counted[status]} ${status}, not ${listed(status)}`),
      ...(counted.total === tasks.length ? [] : [`${counted.total} in total, not ${tasks.length}`]),
    ];
  };
  await expect.poll(difference).toEqual([]);
}

test('an empty queue has only zeros, and a success rate of one', async ({ muster }) => {
  const { success_rate, per_minute, ...rest } = await muster.call('get_queue_statistics', {});
  expect(success_rate).toBe(1);
  expect(per_minute).toHaveLength(60);
  expect(new Set(per_minute.flatMap(({ minute: _, ...counts }) => Object.values(counts)))).toEqual(new Set([0]));
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

test('every minute of the last hour shows what happened in it', async ({ muster }) => {
  const lastOnes = async () => {
    await muster.settled();
    return (await muster.call('get_queue_statistics', {})).per_minute;
  };
  const sum = (minutes: Awaited<ReturnType<typeof lastOnes>>, name: 'created' | 'completed' | 'failed' | 'cancelled') =>
    minutes.reduce((total, minute) => total + minute[name], 0);
  await muster.clock.advance('1h');
  const [failing, cancelled, ...others] = await muster.create([{}, {}, {}]);
  await muster.fail(failing);
  const before = await lastOnes();
  await muster.clock.advance('10m');
  await muster.call('cancel_task', { task_id: cancelled });
  for (const task_id of others) await muster.finish(task_id);
  const after = await lastOnes();

  expect([sum(before, 'created'), sum(before, 'failed')]).toEqual([3, 1]);
  const begun = after.findIndex(({ minute }) => minute === before.at(-1)?.minute);
  expect([sum(after.slice(0, begun + 1), 'created'), sum(after.slice(0, begun + 1), 'failed')]).toEqual([3, 1]);
  expect(sum(after.slice(0, begun + 1), 'completed') + sum(after.slice(0, begun + 1), 'cancelled')).toBe(0);
  expect([sum(after, 'completed'), sum(after, 'cancelled')]).toEqual([1, 1]);
});

test('half of the tasks have waited no longer than the 50th percentile, within 10%', async ({ muster }) => {
  await muster.clock.advance('1h');
  for (const wait of ['10s', '10s', '100s']) {
    const task_id = await muster.create({});
    await muster.clock.advance(wait);
    await muster.start(task_id);
  }
  await muster.settled();
  const { wait_p50_ms: half, wait_p99_ms: most } = await muster.call('get_queue_statistics', {});
  expect(half).toBeGreaterThanOrEqual(9000);
  expect(half).toBeLessThan(90_000);
  expect(most).toBeGreaterThanOrEqual(90_000);
});

test('rates and means are computed from completed tasks', async ({ muster }) => {
  await muster.settled();
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

test('the age of the oldest ready task is shown', async ({ muster }) => {
  await muster.create({});
  await muster.clock.advance('2h');
  await muster.settled();
  expect((await muster.call('get_queue_statistics', {})).oldest_pending_seconds).toBeGreaterThanOrEqual(7200);
});
