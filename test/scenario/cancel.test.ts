import { expect, test } from '../support/muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

/** How a task gets into each state from which it can be cancelled. */
const states: Record<string, (muster: TestMuster, agent_id: string) => Promise<string>> = {
  pending: (muster) => muster.create({}),
  delayed: (muster) => muster.create({ not_before: new Date(muster.clock.now() + 3_600_000).toISOString() }),
  waiting: async (muster) =>
    muster.create({ dependencies: [await muster.create({ requirements: [muster.name('other')] })] }),
  blocked: async (muster) => {
    const parent = await muster.create({});
    await muster.fail(parent);
    return muster.create({ dependencies: [parent] });
  },
  assigned: async (muster, agent_id) => {
    const task_id = await muster.create({});
    await muster.call('assign_task', { task_id, agent_id });
    return task_id;
  },
  running: async (muster, agent_id) => {
    const task_id = await muster.create({});
    await muster.call('assign_task', { task_id, agent_id });
    await muster.call('start_task', { task_id });
    return task_id;
  },
  'waiting for its retry': async (muster) => {
    const task_id = await muster.create({});
    await muster.fail(task_id, true);
    return task_id;
  },
};

for (const [state, enter] of Object.entries(states)) {
  test(`a task that is ${state} can be cancelled, frees its slot and can be retried`, async ({ muster }) => {
    const agent_id = await muster.agent('holder');
    const task_id = await enter(muster, agent_id);
    const { attempt } = await muster.task(task_id);

    const cancelled = await muster.call('cancel_task', { task_id, reason: 'not needed any more' });
    expect(cancelled).toMatchObject({ status: 'cancelled', attempt });
    expect(cancelled).not.toHaveProperty('lease_expires_at');
    expect(cancelled.history.at(-1)).toMatchObject({ status: 'cancelled', reason: 'cancelled: not needed any more' });
    expect(await muster.call('get_agent', { agent_id })).toMatchObject({ load: 0, holding: [] });
    expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ total_failed: 0 });
    expect(await muster.call('cancel_task', { task_id })).toEqual(cancelled);
    expect((await muster.call('claim_tasks', { agent_id })).tasks).toEqual([]);

    const back = ['waiting', 'blocked'].includes(state) ? state : 'pending';
    expect(await muster.call('retry_task', { task_id })).toMatchObject({ status: back, attempt, retry_count: 0 });
  });
}

test('the holder of a cancelled task learns of it from its next report', async ({ muster }) => {
  const agent_id = await muster.agent('holder');
  const task_id = await states['running']?.(muster, agent_id);
  if (task_id === undefined) throw new Error('no task');
  await muster.call('cancel_task', { task_id });
  const reports = [
    muster.refusal('heartbeat_task', { task_id, agent_id, attempt: 1 }),
    muster.refusal('complete_task', { task_id, agent_id, attempt: 1, result: 1 }),
    muster.refusal('fail_task', { task_id, agent_id, attempt: 1, error: 'x' }),
    muster.refusal('start_task', { task_id, agent_id, attempt: 1 }),
  ];
  for (const report of reports) expect(await report).toMatchObject({ status: 409, code: 'task_cancelled' });
  expect(await muster.task(task_id)).not.toHaveProperty('result');
});

test('a completed or failed task cannot be cancelled', async ({ muster }) => {
  const [completed, failed] = await muster.create([{}, {}]);
  await muster.finish(completed);
  await muster.fail(failed);
  for (const task_id of [completed, failed]) {
    expect(await muster.refusal('cancel_task', { task_id })).toMatchObject({ status: 409, code: 'already_ended' });
  }
});

test('a cancelled task that is retried runs in the next attempt', async ({ muster }) => {
  const agent_id = await muster.agent('holder');
  const task_id = await muster.create({});
  await muster.call('assign_task', { task_id, agent_id });
  await muster.call('cancel_task', { task_id });
  await muster.call('retry_task', { task_id });
  expect((await muster.call('claim_tasks', { agent_id })).tasks).toMatchObject([{ task_id, attempt: 2 }]);
  expect(await muster.refusal('start_task', { task_id, agent_id, attempt: 1 })).toMatchObject({
    code: 'stale_attempt',
  });
  expect(await muster.call('complete_task', { task_id, agent_id, attempt: 2 })).toMatchObject({ status: 'completed' });
});

test('of a concurrent completion and cancellation, one wins', async ({ muster }) => {
  for (let n = 0; n < 5; n += 1) {
    const task_id = await muster.create({});
    await muster.start(task_id);
    await Promise.all([
      muster.http('POST', `/v1/tasks/${task_id}/complete`, { result: n }),
      muster.http('POST', `/v1/tasks/${task_id}/cancel`, {}),
    ]);
    const task = await muster.task(task_id, 'completed', 'cancelled');
    expect(task.status === 'completed' ? task.result : n).toBe(n);
    if (task.status === 'cancelled') expect(task).not.toHaveProperty('result');
  }
});
