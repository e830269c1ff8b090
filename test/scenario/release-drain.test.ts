/** Agents that release work, list what they hold, or drain. */
import { expect, test } from '../support/moved-muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

/** A task that the router has assigned to an agent, and the agent. */
async function routed(muster: TestMuster, name = 'first', task: object = {}) {
  const agent_id = await muster.agent(name);
  const task_id = await muster.create({ routing: 'auto', ...task });
  await muster.until(task_id, 'assigned');
  return { agent_id, task_id };
}

test('a released task is pending again, without using up an attempt or counting against the agent', async ({
  muster,
}) => {
  const { agent_id, task_id } = await routed(muster, 'first', { max_attempts: 1 });
  await muster.call('start_task', { task_id });
  const { ready_at } = await muster.task(task_id, 'running');
  const released = await muster.call('release_task', { task_id, agent_id, attempt: 1, reason: 'no GPU here' });
  expect(released).toMatchObject({ status: 'pending', assigned_to: null, attempt: 1, retry_count: 0, ready_at });
  for (const field of ['lease_expires_at', 'started_at']) expect(released).not.toHaveProperty(field);
  const { history } = await muster.task(task_id);
  expect(history.at(-1)).toMatchObject({ agent_id, reason: 'released: no GPU here' });
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ load: 0, total_failed: 0 });

  // A repeat of the release, as if its response had been lost.
  const again = { task_id, agent_id, attempt: 1, reason: 'no GPU here' };
  expect(await muster.call('release_task', again)).toMatchObject({ status: 'pending', attempt: 1 });
  expect((await muster.task(task_id)).history).toHaveLength(history.length);
});

test('a released task goes to another agent, and is offered to the first neither by the router nor in its claims', async ({
  muster,
}) => {
  const { agent_id: first, task_id } = await routed(muster);
  await muster.call('release_task', { task_id, reason: 'not me' });
  await muster.settled();
  expect(await muster.status(task_id)).toBe('pending');
  expect((await muster.call('claim_tasks', { agent_id: first })).tasks).toEqual([]);
  expect((await muster.call('poll_tasks', { agent_id: first, status: 'pending' })).tasks).toEqual([]);
  await muster.clock.advance('2m');
  await muster.fire('sweep');
  await muster.settled();
  expect(await muster.status(task_id)).toBe('pending');

  const second = await muster.agent('second');
  expect(await muster.until(task_id, 'assigned')).toMatchObject({ assigned_to: second, attempt: 2, retry_count: 0 });
});

test('after ten minutes a released task is offered to the same agent again', async ({ muster }) => {
  const { agent_id, task_id } = await routed(muster);
  await muster.call('release_task', { task_id, reason: 'not now' });
  await muster.clock.advance('9m');
  expect((await muster.call('claim_tasks', { agent_id })).tasks).toEqual([]);
  // The router looks for work for the agent that is back; it must have finished, or it takes the task.
  await muster.settled();
  await muster.clock.advance('61s');
  expect((await muster.call('claim_tasks', { agent_id })).tasks).toMatchObject([{ task_id, attempt: 2 }]);
});

test('a task released without exclusion is offered to its agent again at once', async ({ muster }) => {
  const agent_id = await muster.agent('restarting');
  const task_id = await muster.create({ routing: 'manual' });
  await muster.call('claim_tasks', { agent_id });
  await muster.call('release_task', { task_id, reason: 'stopped', exclude: false });
  expect((await muster.call('claim_tasks', { agent_id })).tasks).toMatchObject([{ task_id, attempt: 2 }]);
});

test('a released task does not keep its agent from other work in the lane', async ({ muster }) => {
  const { agent_id, task_id } = await routed(muster);
  await muster.call('release_task', { task_id, reason: 'not me' });
  const other = await muster.create({});
  expect((await muster.call('claim_tasks', { agent_id, limit: 2 })).tasks).toMatchObject([{ task_id: other }]);
});

test('only the holder can release a task', async ({ muster }) => {
  const { agent_id, task_id } = await routed(muster);
  const other = await muster.agent('other');
  const reason = 'not me';
  const release = (input: object) => muster.refusal('release_task', { task_id, reason, ...input });
  expect(await release({ agent_id: other })).toMatchObject({ status: 409, code: 'not_holder' });
  expect(await release({ attempt: 7 })).toMatchObject({
    status: 409,
    code: 'stale_attempt',
    detail: expect.stringContaining('attempt 7 does not exist') as string,
  });
  await muster.start(task_id);
  await muster.finish(task_id);
  expect(await release({ agent_id, attempt: 1 })).toMatchObject({ status: 409, code: 'already_ended' });
});

test('one heartbeat extends the leases of everything the agent lists', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  await muster.create([{}, {}]);
  const claimed = (await muster.call('claim_tasks', { agent_id, limit: 2 })).tasks;
  const holding = claimed.map(({ task_id, attempt }) => ({ task_id, attempt }));
  expect(holding).toHaveLength(2);
  for (let n = 0; n < 3; n += 1) {
    await muster.clock.advance('4m');
    const { leases, lost, unnamed } = await muster.call('heartbeat_agent', { agent_id, holding });
    expect([lost, unnamed]).toEqual([[], []]);
    for (const { lease_expires_at } of leases) {
      expect((Date.parse(lease_expires_at) - muster.clock.now()) / 1000).toBeCloseTo(300, -1);
    }
    expect(leases.map(({ task_id }) => task_id).sort()).toEqual(holding.map(({ task_id }) => task_id).sort());
    await muster.fire('sweep');
  }
  for (const { task_id } of holding) expect(await muster.status(task_id)).toBe('running');
});

test('a heartbeat returns what an agent has lost and why, and what it holds without listing it', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const [kept, cancelled, completed, moved, unnamed] = await muster.create([{}, {}, {}, {}, {}]);
  for (const task_id of [kept, cancelled, completed, moved, unnamed]) {
    await muster.call('assign_task', { task_id, agent_id });
    await muster.call('start_task', { task_id });
  }
  await muster.call('cancel_task', { task_id: cancelled });
  await muster.finish(completed);
  await muster.call('release_task', { task_id: moved, reason: 'not me' });
  await muster.call('assign_task', { task_id: moved, agent_id: await muster.agent('other') });
  const unknown = muster.name('unknown');

  const holding = [kept, cancelled, completed, moved, unknown].map((task_id) => ({ task_id, attempt: 1 }));
  const beat = await muster.call('heartbeat_agent', { agent_id, holding });
  expect(beat.leases).toMatchObject([{ task_id: kept, attempt: 1 }]);
  expect(beat.unnamed).toEqual([{ task_id: unnamed, attempt: 1 }]);
  expect(Object.fromEntries(beat.lost.map(({ task_id, code }) => [task_id, code]))).toEqual({
    [cancelled]: 'task_cancelled',
    [completed]: 'already_ended',
    [moved]: 'stale_attempt',
    [unknown]: 'task_not_found',
  });

  // Tasks it did not list are returned by its next claim.
  const { tasks } = await muster.call('claim_tasks', { agent_id, holding: [{ task_id: kept, attempt: 1 }] });
  expect(tasks).toMatchObject([{ task_id: unnamed, attempt: 1, status: 'running' }]);
});

test('a heartbeat without tasks counts as seen, and one of an unknown agent is refused', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  await muster.clock.advance('185s');
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ status: 'stale' });
  const nothing = { agent_id, leases: [], lost: [], unnamed: [] };
  expect(await muster.call('heartbeat_agent', { agent_id })).toEqual(nothing);
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ status: 'healthy' });
  expect(await muster.refusal('heartbeat_agent', { agent_id: muster.name('nobody') })).toMatchObject({
    status: 404,
    code: 'agent_not_found',
  });
});

test('a draining agent finishes what it holds, and gets nothing new in any way', async ({ muster }) => {
  const { agent_id, task_id } = await routed(muster);
  const { task_id: second } = await routed(muster);
  expect(await muster.call('drain_agent', { agent_id })).toMatchObject({ state: 'draining', load: 2 });
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ status: 'draining' });

  const waiting = await muster.create({ routing: 'auto' });
  await muster.settled();
  const given = (await muster.call('claim_tasks', { agent_id, limit: 5 })).tasks.map((task) => task.task_id);
  expect(given.toSorted()).toEqual([task_id, second].sort());
  expect(await muster.refusal('assign_task', { task_id: waiting, agent_id })).toMatchObject({
    status: 409,
    code: 'agent_draining',
  });
  const { claimed } = await muster.call('complete_task', { task_id, agent_id, claim_next: 2 });
  expect(claimed).toEqual([]);
  expect(await muster.finish(second)).toMatchObject({ status: 'completed' });
  await muster.settled();
  expect(await muster.status(waiting)).toBe('pending');
  expect(await muster.call('get_agent', { agent_id })).toMatchObject({ state: 'draining', load: 0 });

  await muster.call('resume_agent', { agent_id });
  expect((await muster.until(waiting, 'assigned')).assigned_to).toBe(agent_id);
});

test('a draining agent stays draining when it registers again', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  await muster.call('drain_agent', { agent_id });
  await muster.agent('worker', undefined, { max_concurrent_tasks: 9 });
  expect(await muster.call('get_agent', { agent_id })).toMatchObject({ state: 'draining', max_concurrent_tasks: 9 });
});

test('an agent that drains until it registers gets nothing new until then', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const until_registered = true;
  expect(await muster.call('drain_agent', { agent_id, until_registered })).toMatchObject({ state: 'left' });
  const waiting = await muster.create({ routing: 'auto' });
  await muster.settled();
  expect((await muster.call('claim_tasks', { agent_id })).tasks).toEqual([]);
  expect(await muster.status(waiting)).toBe('pending');

  await muster.agent('worker');
  expect((await muster.until(waiting, 'assigned')).assigned_to).toBe(agent_id);
});

test('draining until registration does not end draining by a person, and resuming ends both', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const drainBoth = async () => {
    await muster.call('drain_agent', { agent_id });
    await muster.call('drain_agent', { agent_id, until_registered: true });
  };
  await drainBoth();
  await muster.agent('worker');
  expect(await muster.call('get_agent', { agent_id })).toMatchObject({ state: 'draining' });
  await drainBoth();
  expect(await muster.call('resume_agent', { agent_id })).toMatchObject({ state: 'active' });
});

test('draining and resuming can be repeated, and require an existing agent', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  for (const operation of ['drain_agent', 'resume_agent'] as const) {
    const first = await muster.call(operation, { agent_id });
    expect((await muster.call(operation, { agent_id })).state).toBe(first.state);
    expect(await muster.refusal(operation, { agent_id: muster.name('nobody') })).toMatchObject({
      status: 404,
      code: 'agent_not_found',
    });
  }
  expect(await muster.call('get_agent', { agent_id })).toMatchObject({ state: 'active' });
});
