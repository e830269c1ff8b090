/** Lost agents: leases, heartbeats, and what an agent that lost a task can still do. */
import { expect, test } from '../support/moved-muster.ts';
import { maxFirstRetryDelayMs, type TestMuster } from '../support/test-muster.ts';

/** A task that an agent of this test is running. */
async function running(muster: TestMuster, task: object = {}): Promise<{ task_id: string; agent_id: string }> {
  const agent_id = await muster.agent('first');
  const task_id = await muster.create(task);
  await muster.call('assign_task', { task_id, agent_id });
  await muster.call('start_task', { task_id });
  return { task_id, agent_id };
}

test('an agent without heartbeats loses its task half a minute after the lease', async ({ muster }) => {
  const { task_id, agent_id } = await running(muster);
  await muster.clock.advance('305s');
  await muster.fire('sweep');
  await muster.settled();
  expect(await muster.status(task_id)).toBe('running');

  await muster.clock.advance('26s');
  await muster.fire('sweep');
  const lost = await muster.until(task_id, 'pending');
  expect(lost).toMatchObject({ attempt: 1, retry_count: 1 });
  expect(lost.history.at(-1)).toMatchObject({ agent_id, reason: expect.stringMatching(/^agent_lost: /) as string });
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ total_failed: 1, load: 0 });
});

test('a task lost in its last attempt fails with the reason', async ({ muster }) => {
  const { task_id } = await running(muster, { max_attempts: 1 });
  await muster.clock.advance('331s');
  await muster.fire('sweep');
  const { error } = await muster.until(task_id, 'failed');
  expect(error).toMatch(/^agent_lost: missed its heartbeat; the lease expired at 20/);
});

test('heartbeats extend the lease and carry progress', async ({ muster }) => {
  const { task_id } = await running(muster);
  for (const percent of [25, 50, 75]) {
    await muster.clock.advance('4m');
    const before = muster.clock.now();
    const beat = await muster.call('heartbeat_task', {
      task_id,
      attempt: 1,
      progress: { percent, message: 'reading' },
    });
    const beatAt = Date.parse(beat.lease_expires_at) - 300_000;
    expect(beatAt).toBeGreaterThanOrEqual(before);
    expect(beatAt).toBeLessThanOrEqual(muster.clock.now());
    await muster.fire('sweep');
    expect(await muster.task(task_id)).toMatchObject({ status: 'running', progress: { percent, message: 'reading' } });
  }
  expect(await muster.call('complete_task', { task_id })).not.toHaveProperty('progress');
});

test('heartbeats never extend a lease beyond the timeout', async ({ muster }) => {
  const { task_id } = await running(muster, { timeout_seconds: 400 });
  await muster.clock.advance('4m');
  const beat = await muster.call('heartbeat_task', { task_id });
  const { started_at } = await muster.task(task_id, 'running');
  expect(Date.parse(beat.lease_expires_at) - Date.parse(started_at)).toBe(400_000);
  await muster.clock.advance('191s');
  await muster.fire('sweep');
  expect((await muster.until(task_id, 'pending')).history.at(-1)?.reason).toMatch(/^timed_out: /);
});

test('a heartbeat does not extend an assignment that was not started', async ({ muster }) => {
  const agent_id = await muster.agent('first');
  const task_id = await muster.create({});
  await muster.call('assign_task', { task_id, agent_id });
  expect(await muster.refusal('heartbeat_task', { task_id, agent_id })).toMatchObject({
    status: 409,
    code: 'not_running',
    hint: expect.stringContaining('/start') as string,
  });
});

test('a late report is accepted as long as nothing has changed', async ({ muster }) => {
  const { task_id, agent_id } = await running(muster);
  await muster.clock.advance('1h');
  await muster.call('complete_task', { task_id, agent_id, attempt: 1, result: 'late' });
  expect(await muster.task(task_id)).toMatchObject({ status: 'completed', result: 'late' });
  await muster.fire('sweep');
  expect(await muster.status(task_id)).toBe('completed');
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ total_completed: 1, total_failed: 0 });
});

test('any report on an attempt that was taken away is refused and changes nothing', async ({ muster }) => {
  const { task_id, agent_id } = await running(muster);
  await muster.clock.advance('331s');
  await muster.fire('sweep');
  await muster.until(task_id, 'pending');
  const reportOf = {
    start_task: {},
    heartbeat_task: {},
    complete_task: { result: 'stale' },
    fail_task: { error: 'stale' },
  } as const;

  const refusals = async (operation: keyof typeof reportOf) =>
    muster.refusal(operation, { task_id, agent_id, attempt: 1, ...reportOf[operation] });
  for (const operation of Object.keys(reportOf) as (keyof typeof reportOf)[]) {
    expect(await refusals(operation)).toMatchObject({ status: 409, code: 'stale_attempt' });
  }

  const second = await muster.agent('second');
  await muster.call('assign_task', { task_id, agent_id: second });
  await muster.call('start_task', { task_id, agent_id: second, attempt: 2 });
  const before = await muster.task(task_id);
  for (const operation of Object.keys(reportOf) as (keyof typeof reportOf)[]) {
    expect(await refusals(operation)).toMatchObject({ status: 409, code: 'stale_attempt' });
  }
  expect(await muster.task(task_id)).toEqual(before);
  expect(before).toMatchObject({ status: 'running', assigned_to: second, attempt: 2 });
});

test('an agent that got its lost task again is not confused with its earlier attempt', async ({ muster }) => {
  const { task_id, agent_id } = await running(muster);
  await muster.clock.advance('331s');
  await muster.fire('sweep');
  await muster.call('assign_task', { task_id, agent_id });
  await muster.call('start_task', { task_id });
  expect(await muster.refusal('complete_task', { task_id, agent_id, attempt: 1, result: 'old' })).toMatchObject({
    code: 'stale_attempt',
  });
  await muster.call('complete_task', { task_id, agent_id, attempt: 2, result: 'new' });
  expect(await muster.task(task_id)).toMatchObject({ status: 'completed', result: 'new' });
});

test('an agent that names no attempt cannot report on what another one holds', async ({ muster }) => {
  const { task_id } = await running(muster);
  const other = await muster.agent('other');
  expect(await muster.refusal('complete_task', { task_id, agent_id: other, result: 1 })).toMatchObject({
    status: 409,
    code: 'not_holder',
  });
  expect(await muster.refusal('fail_task', { task_id, agent_id: other, error: 'x' })).toMatchObject({
    code: 'not_holder',
  });
  expect(await muster.refusal('complete_task', { task_id, attempt: 7, result: 1 })).toMatchObject({
    code: 'stale_attempt',
  });
  expect(await muster.status(task_id)).toBe('running');
});

test('a lost task is assigned to another agent, and the lost agent gets nothing new', async ({ muster }) => {
  await muster.agent('dead', undefined, { max_concurrent_tasks: 5 });
  const task_id = await muster.create({ routing: 'auto' });
  await muster.until(task_id, 'assigned');
  await muster.start(task_id);
  await muster.clock.advance('331s');
  const alive = await muster.agent('alive');
  await muster.fire('sweep');
  await muster.clock.advance(maxFirstRetryDelayMs);
  expect(await muster.until(task_id, 'assigned')).toMatchObject({ assigned_to: alive, attempt: 2 });
});
