/** Work for which no agent was free, and which agent gets it in the end without polling. */
import { expect, test } from '../support/moved-muster.ts';

test('an agent that frees a slot gets the waiting task', async ({ muster }) => {
  const agent_id = await muster.agent('single', undefined, { max_concurrent_tasks: 1 });
  const first = await muster.create({ routing: 'auto' });
  // Each task is routed separately: of two created together, either may get the slot.
  await muster.until(first, 'assigned');
  const second = await muster.create({ routing: 'auto' });
  await muster.settled();
  expect(await muster.status(second)).toBe('pending');

  await muster.finish(first);
  expect((await muster.until(second, 'assigned')).assigned_to).toBe(agent_id);
});

test('a failure and a cancellation also free a slot', async ({ muster }) => {
  await muster.agent('single', undefined, { max_concurrent_tasks: 1 });
  const first = await muster.create({ routing: 'auto' });
  await muster.until(first, 'assigned');
  const second = await muster.create({ routing: 'auto' });
  await muster.settled();

  await muster.fail(first);
  await muster.until(second, 'assigned');
  const third = await muster.create({ routing: 'auto' });
  await muster.settled();
  await muster.call('cancel_task', { task_id: second });
  await muster.until(third, 'assigned');
});

test('an agent that learns a capability gets the waiting task', async ({ muster }) => {
  const [python, ml] = muster.names('python', 'ml');
  const agent_id = await muster.agent('student', [python]);
  const task_id = await muster.create({ routing: 'auto', requirements: [python, ml] });
  await muster.settled();
  expect(await muster.status(task_id)).toBe('pending');

  await muster.call('learn_capability', { agent_id, capability: ml });
  expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(agent_id);
});

test('an agent that registers again with more slots gets that much more', async ({ muster }) => {
  const agent_id = await muster.agent('growing', undefined, { max_concurrent_tasks: 1 });
  await muster.create(Array.from({ length: 4 }, () => ({ routing: 'auto' as const })));
  await muster.settled();
  expect((await muster.call('get_agent', { agent_id })).load).toBe(1);

  await muster.agent('growing', undefined, { max_concurrent_tasks: 3 });
  await muster.settled();
  expect((await muster.call('get_agent', { agent_id })).load).toBe(3);
});

test('an agent unseen for three minutes gets nothing until it is seen again', async ({ muster }) => {
  const agent_id = await muster.agent('absent');
  // The router may be looking for work for the agent that has just registered.
  await muster.settled();
  await muster.clock.advance('185s');
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ status: 'stale' });
  const task_id = await muster.create({ routing: 'auto' });
  await muster.settled();
  expect(await muster.status(task_id)).toBe('pending');
  expect((await muster.call('find_agents', { available: true, limit: 100 })).agents).not.toContainEqual(
    expect.objectContaining({ agent_id }),
  );

  await muster.call('poll_tasks', { agent_id, status: 'assigned' });
  expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(agent_id);
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ status: 'healthy' });
});

test('an agent that routing dropped after an hour is found again when it comes back', async ({ muster }) => {
  const agent_id = await muster.agent('old');
  await muster.clock.advance('1h');
  // Each sweep visits a part of all agents.
  const foundAfterNextSweep = async () => {
    await muster.clock.advance('1m');
    await muster.fire('sweep');
    return (await muster.call('find_agents', { requirements: [muster.name('skill')] })).agents;
  };
  await expect.poll(foundAfterNextSweep, { timeout: 50_000, interval: 1 }).toEqual([]);

  await muster.call('poll_tasks', { agent_id, status: 'assigned' });
  const task_id = await muster.create({ routing: 'auto' });
  expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(agent_id);
});

test('a task that was not started goes to another agent, and not back to the first for ten minutes', async ({
  muster,
}) => {
  const slow = await muster.agent('slow');
  const task_id = await muster.create({ routing: 'auto' });
  await muster.until(task_id, 'assigned');
  await muster.clock.advance('151s');
  await muster.fire('sweep');
  await muster.settled();
  expect(await muster.task(task_id)).toMatchObject({ status: 'pending', attempt: 1, retry_count: 0 });
  expect((await muster.task(task_id)).history.at(-1)).toMatchObject({ agent_id: slow, reason: 'not_started' });
  expect(await muster.call('get_agent_health', { agent_id: slow })).toMatchObject({
    status: 'stale',
    total_failed: 0,
    load: 0,
  });

  // Not even when it claims: it had its chance.
  expect(await muster.call('claim_tasks', { agent_id: slow })).toMatchObject({ tasks: [] });
  await muster.settled();
  expect(await muster.status(task_id)).toBe('pending');
  expect(await muster.call('route_task', { task_id })).toMatchObject({
    selected_agent: null,
    candidates: [{ agent_id: slow, available: false, reason: 'excluded' }],
  });

  const quick = await muster.agent('quick');
  expect(await muster.until(task_id, 'assigned')).toMatchObject({ assigned_to: quick, attempt: 2 });
});

test('a task that was not started comes back to the only agent after ten minutes', async ({ muster }) => {
  const agent_id = await muster.agent('only');
  const task_id = await muster.create({ routing: 'auto' });
  await muster.until(task_id, 'assigned');
  await muster.clock.advance('151s');
  await muster.fire('sweep');
  await muster.clock.advance('10m');
  const { tasks } = await muster.call('claim_tasks', { agent_id });
  expect(tasks).toMatchObject([{ task_id, attempt: 2, retry_count: 0 }]);
});
