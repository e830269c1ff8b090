import { expect, test } from '../support/moved-muster.ts';
import { patience } from '../support/patience.ts';
import type { TestMuster } from '../support/test-muster.ts';

const minute = 60_000;
const hour = 60 * minute;

const inFuture = (muster: TestMuster, ms: number) => new Date(muster.clock.now() + ms).toISOString();

/** Claims one task after another until there is none, and returns their names. */
async function claimAll(muster: TestMuster, agent_id: string): Promise<string[]> {
  const order: string[] = [];
  const wait = patience(() => `the last task to be claimed, after ${order.length}`);
  for (;;) {
    wait();
    const [task] = (await muster.call('claim_tasks', { agent_id })).tasks;
    if (!task) return order;
    order.push(task.task_id);
  }
}

test('tasks are claimed by priority, whatever the order of creation', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const low = await muster.create({ priority: 'low' });
  const high = await muster.create({ priority: 'high' });
  const medium = await muster.create({});
  const critical = await muster.create({ priority: 'critical' });

  const { tasks } = await muster.call('poll_tasks', { agent_id, status: 'pending' });
  expect(tasks.map((task) => task.task_id)).toEqual([critical, high, medium, low]);
  expect(await claimAll(muster, agent_id)).toEqual([critical, high, medium, low]);
});

test('the order holds across tasks with different requirements', async ({ muster }) => {
  const [python, sql] = muster.names('python', 'sql');
  const agent_id = await muster.agent('worker', [python, sql]);
  const medium = await muster.create({ requirements: [python] });
  const high = await muster.create({ requirements: [sql], priority: 'high' });
  const critical = await muster.create({ requirements: [sql, python], priority: 'critical' });
  await muster.create({ requirements: [muster.name('rust')], priority: 'critical' });

  const { tasks } = await muster.call('poll_tasks', { agent_id, status: 'pending' });
  expect(tasks.map((task) => task.task_id)).toEqual([critical, high, medium]);
  const claimed = await muster.call('claim_tasks', { agent_id, limit: 5 });
  expect(claimed.tasks.map((task) => task.task_id)).toEqual([critical, high, medium]);
});

test('at equal priority, the task that was ready first goes first', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const order: string[] = [];
  for (let n = 0; n < 4; n += 1) order.push(await muster.create({}));
  expect(await claimAll(muster, agent_id)).toEqual(order);
});

test('a low-priority task is not overtaken forever: after a day only critical ones go first', async ({ muster }) => {
  const low = await muster.create({ priority: 'low' });
  await muster.clock.advance(24 * hour);
  const high = await muster.create({ priority: 'high' });
  const critical = await muster.create({ priority: 'critical' });
  const agent_id = await muster.agent('worker');
  expect(await claimAll(muster, agent_id)).toEqual([critical, low, high]);
});

test('an agent that frees a slot gets the task that should run first', async ({ muster }) => {
  const agent_id = await muster.agent('busy', undefined, { max_concurrent_tasks: 1 });
  const held = await muster.create({ routing: 'auto' });
  await muster.until(held, 'assigned');
  const low = await muster.create({ routing: 'auto', priority: 'low' });
  const high = await muster.create({ routing: 'auto', priority: 'high' });
  await muster.rechecked();

  await muster.finish(held);
  expect((await muster.until(high, 'assigned')).assigned_to).toBe(agent_id);
  expect(await muster.status(low)).toBe('pending');
});

test('a delayed task is pending, but cannot be claimed or assigned early', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const not_before = inFuture(muster, 10 * minute);
  const [auto, manual] = await muster.create([{ not_before, routing: 'auto' }, { not_before }]);
  await muster.settled();
  expect(await muster.task(auto)).toMatchObject({ status: 'pending', not_before, attempt: 0 });
  expect(await muster.call('claim_tasks', { agent_id, limit: 10 })).toMatchObject({ tasks: [] });
  expect(await muster.call('poll_tasks', { agent_id, status: 'pending' })).toMatchObject({ count: 0 });
  expect(await muster.refusal('assign_task', { task_id: manual, agent_id })).toMatchObject({
    status: 409,
    code: 'not_due',
  });
});

test('a delayed task is assigned when its time comes', async ({ muster }) => {
  const task_id = await muster.create({ not_before: inFuture(muster, 10 * minute), routing: 'auto' });
  await muster.settled();
  // Registered before the delay ends: the router may miss an agent that registers while it looks, until it looks again.
  await muster.clock.advance(9 * minute);
  const agent_id = await muster.agent('worker');
  await muster.settled();
  expect(await muster.status(task_id)).toBe('pending');
  await muster.clock.advance(minute);
  expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(agent_id);
});

test('a delay of hours ends with the first sweep that finds it due', async ({ muster }) => {
  const [auto, manual] = await muster.create([
    { not_before: inFuture(muster, 5 * hour), routing: 'auto' },
    { not_before: inFuture(muster, 5 * hour) },
  ]);
  await muster.settled();
  await muster.clock.advance(5 * hour - minute);
  const agent_id = await muster.agent('worker');
  await muster.fire('sweep');
  await muster.settled();
  expect(await muster.task(auto)).toMatchObject({ status: 'pending', attempt: 0 });

  await muster.clock.advance(minute + 1000);
  await muster.fire('sweep');
  expect((await muster.until(auto, 'assigned')).assigned_to).toBe(agent_id);
  const { tasks } = await muster.call('claim_tasks', { agent_id, limit: 10, holding: [{ task_id: auto, attempt: 1 }] });
  expect(tasks.map((task) => task.task_id)).toEqual([manual]);
});

test('a delayed task that is due while no agent is free waits for the next one', async ({ muster }) => {
  const task_id = await muster.create({ not_before: inFuture(muster, 10 * minute), routing: 'auto' });
  await muster.settled();
  await muster.clock.advance(10 * minute);
  await muster.settled();
  expect(await muster.status(task_id)).toBe('pending');
  const agent_id = await muster.agent('late');
  expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(agent_id);
});

test('a not_before in the past delays nothing', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const task_id = await muster.create({ not_before: inFuture(muster, -hour), routing: 'auto' });
  expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(agent_id);
});

test('a task with routing=manual is ignored by the router and can be claimed', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const task_id = await muster.create({ routing: 'manual' });
  await muster.settled();
  await muster.clock.advance(2 * minute);
  await muster.fire('sweep');
  await muster.settled();
  expect(await muster.status(task_id)).toBe('pending');
  expect((await muster.call('claim_tasks', { agent_id })).tasks).toMatchObject([{ task_id, routing: 'manual' }]);
});
