import { expect, test } from '../support/moved-muster.ts';

test('a failed task waits longer after each failure, until its last attempt fails', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const task_id = await muster.create({ routing: 'auto', max_attempts: 3 });

  for (const [retry, longestSeconds] of [4, 8].entries()) {
    await muster.until(task_id, 'assigned');
    const failedAt = muster.clock.now();
    await muster.start(task_id);
    const failed = await muster.call('fail_task', { task_id, error: 'failed by the test', should_retry: true });
    expect(failed).toMatchObject({ status: 'pending', retry_count: retry + 1, attempt: retry + 1 });
    const notBefore = Date.parse(failed.not_before ?? '');
    const waitMs = notBefore - failedAt;
    expect(waitMs).toBeGreaterThanOrEqual(2000);
    expect(notBefore - muster.clock.now()).toBeLessThanOrEqual(longestSeconds * 1000);
    await muster.settled();
    await muster.clock.advance(waitMs);
  }

  await muster.until(task_id, 'assigned');
  const last = await muster.fail(task_id, true);
  expect(last).toMatchObject({ status: 'failed', retry_count: 3, attempt: 3, error: 'failed by the test' });
  expect(last.history.map((entry) => entry.status)).toEqual([
    ...['pending', 'assigned', 'running', 'pending'],
    ...['assigned', 'running', 'pending'],
    ...['assigned', 'running', 'failed'],
  ]);
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ total_failed: 3, load: 0 });
});

test('a task waiting for its retry cannot be claimed', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const task_id = await muster.create({ max_attempts: 100 });
  const claimed = await muster.whileDelayed(task_id, async () => muster.call('claim_tasks', { agent_id }));
  expect(claimed.tasks).toEqual([]);
});

test('with max_attempts=1, the first failure is the last', async ({ muster }) => {
  const task_id = await muster.create({ max_attempts: 1 });
  expect(await muster.fail(task_id, true)).toMatchObject({ status: 'failed', retry_count: 1 });
});

test('should_retry=false ends a task regardless of its remaining attempts', async ({ muster }) => {
  const task_id = await muster.create({ max_attempts: 10 });
  expect(await muster.fail(task_id, false)).toMatchObject({ status: 'failed', attempt: 1, retry_count: 1 });
});

test('a failure before the start counts like any other', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const task_id = await muster.create({ max_attempts: 1 });
  await muster.call('assign_task', { task_id, agent_id });
  await muster.call('fail_task', { task_id, error: 'cannot begin' });
  expect(await muster.task(task_id)).toMatchObject({ status: 'failed', retry_count: 1, error: 'cannot begin' });
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ total_failed: 1 });
});

test('a task can be assigned manually without waiting for its retry', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const task_id = await muster.create({});
  expect((await muster.fail(task_id, true)).not_before).toBeDefined();
  const assigned = await muster.call('assign_task', { task_id, agent_id });
  expect(assigned).toMatchObject({ status: 'assigned', attempt: 2 });
});

test('a permanently failed task can be retried manually, with fresh retries', async ({ muster }) => {
  const task_id = await muster.create({ max_attempts: 2 });
  await muster.fail(task_id, true);
  expect(await muster.fail(task_id, true)).toMatchObject({ status: 'failed', attempt: 2, retry_count: 2 });

  const retried = await muster.call('retry_task', { task_id });
  expect(retried).toMatchObject({ status: 'pending', attempt: 2, retry_count: 0 });
  expect(retried.assigned_to).toBeNull();
  for (const field of ['error', 'ended_at', 'not_before']) expect(retried).not.toHaveProperty(field);
  expect(await muster.fail(task_id, true)).toMatchObject({ status: 'pending', attempt: 3, retry_count: 1 });
});

test('a task that is not failed or cancelled cannot be retried', async ({ muster }) => {
  const [pending, completed] = await muster.create([{}, {}]);
  await muster.finish(completed);
  for (const task_id of [pending, completed]) {
    expect(await muster.refusal('retry_task', { task_id })).toMatchObject({ status: 409, code: 'not_retryable' });
  }
});

test('a task that exceeds its timeout is taken away, and fails with that reason in the end', async ({ muster }) => {
  const task_id = await muster.create({ timeout_seconds: 60, max_attempts: 2 });
  await muster.start(task_id);
  await muster.clock.advance('91s');
  await muster.fire('sweep');
  const again = await muster.until(task_id, 'pending');
  expect(again).toMatchObject({ attempt: 1, retry_count: 1 });
  expect(again.history.at(-1)?.reason).toBe('timed_out: exceeded timeout_seconds (60)');

  await muster.start(task_id);
  await muster.clock.advance('91s');
  await muster.fire('sweep');
  expect(await muster.until(task_id, 'failed')).toMatchObject({
    retry_count: 2,
    error: 'timed_out: exceeded timeout_seconds (60)',
  });
});
