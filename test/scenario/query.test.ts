import type { Task } from '#shared/contract/task.ts';
import { expect, test } from '../support/own-muster.ts';
import type { InputOf } from '../support/operation-request.ts';
import type { TestMuster } from '../support/test-muster.ts';

type Filter = InputOf<'query_tasks'>;

/** The ids of all tasks that a filter finds, read in pages of `limit`. */
async function idsOf(muster: TestMuster, filter: Filter, limit = 100): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await muster.call('query_tasks', { ...filter, limit, cursor });
    expect(page.tasks.length).toBeLessThanOrEqual(limit);
    ids.push(...page.tasks.map((task) => task.task_id));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return ids;
}

/** A task in every status, for several types and priorities; the agent has held most of them. */
async function oneOfEach(muster: TestMuster) {
  const [research, analysis] = muster.names('research', 'analysis');
  const agent_id = await muster.agent('worker', undefined, { max_concurrent_tasks: 20 });
  const created: string[] = [];
  for (const task of [
    { task_type: research, priority: 'high' },
    { task_type: research, priority: 'low' },
    { task_type: analysis, priority: 'high' },
  ] as const) {
    const [pending, assigned, ...others] = await muster.create([task, task, task, task, task, task]);
    const [running, completed, failed, cancelled] = others;
    for (const task_id of [assigned, ...others]) await muster.call('assign_task', { task_id, agent_id });
    await muster.start(running);
    await muster.finish(completed);
    await muster.fail(failed);
    await muster.call('cancel_task', { task_id: cancelled });
    const dependents = await muster.create([
      { ...task, dependencies: [running] },
      { ...task, dependencies: [failed] },
    ]);
    created.push(pending, assigned, ...others, ...dependents);
  }
  await muster.settled();
  const tasks = await Promise.all(created.map((task_id) => muster.task(task_id)));
  return { tasks, agent_id, research };
}

const matches = (task: Task, { status, task_type, priority, agent_id }: Filter) =>
  (status === undefined || [status].flat().includes(task.status)) &&
  (task_type === undefined || task.task_type === task_type) &&
  (priority === undefined || task.priority === priority) &&
  (agent_id === undefined || task.assigned_to === agent_id);

test('every combination of filters finds exactly its matches, in pages of any size', async ({ muster }) => {
  const { tasks, agent_id, research } = await oneOfEach(muster);
  const statuses = [...new Set(tasks.map((task) => task.status))];
  expect(statuses).toHaveLength(8);
  const several = [['assigned', 'running'], ['blocked', 'pending', 'failed'], statuses] as const;
  const filters = [undefined, ...statuses, ...several.map((one) => [...one])].flatMap((status) =>
    ([undefined, 'high'] as const).flatMap((priority) =>
      [undefined, agent_id].map((holder): Filter => ({ status, task_type: research, priority, agent_id: holder })),
    ),
  );
  filters.push({ task_type: research, priority: 'medium' });
  const expected = (filter: Filter) =>
    tasks
      .filter((task) => matches(task, filter))
      .map((task) => task.task_id)
      .sort();
  for (const filter of filters) {
    expect((await idsOf(muster, filter)).sort(), JSON.stringify(filter)).toEqual(expected(filter));
  }
  for (const filter of [{ task_type: research }, { agent_id }]) {
    for (const limit of [1, 3]) expect((await idsOf(muster, filter, limit)).sort()).toEqual(expected(filter));
  }
  expect(await idsOf(muster, {})).toEqual(expect.arrayContaining(expected({})));
});

test('the tasks of a graph can be listed by its id, combined with any other filter', async ({ muster }) => {
  const requirements = [muster.name('of-a-graph')];
  const agent_id = await muster.agent('worker', requirements);
  const { graph_id = '', tasks: keys } = await muster.call('submit_graph', {
    tasks: (['high', 'low', 'high'] as const).map((priority, n) => ({
      key: `task-${n}`,
      content: 'x',
      priority,
      requirements,
      routing: 'manual',
    })),
  });
  const [first = '', second = '', third = ''] = Object.values(keys ?? {});
  await muster.call('assign_task', { task_id: first, agent_id });
  await muster.call('assign_task', { task_id: second, agent_id });
  await muster.finish(second);
  const found = async (filter: Filter, limit?: number) => (await idsOf(muster, { graph_id, ...filter }, limit)).sort();

  expect(await found({})).toEqual([first, second, third].sort());
  expect(await found({}, 1)).toEqual([first, second, third].sort());
  expect(await found({ agent_id })).toEqual([first, second].sort());
  expect(await found({ agent_id, status: 'completed' })).toEqual([second]);
  expect(await found({ priority: 'high' })).toEqual([first, third].sort());
  expect(await found({ agent_id, priority: 'high' })).toEqual([first]);
  expect(await found({ agent_id: muster.name('nobody') })).toEqual([]);
});

test('tasks can be found by creation time, as a timestamp or in seconds', async ({ muster }) => {
  const task_type = muster.name('timed');
  await muster.clock.advance('10s');
  const early = await muster.create({ task_type });
  await muster.clock.advance('10s');
  const between = muster.clock.now() - 5000;
  const late = await muster.create({ task_type });

  for (const time of [new Date(between).toISOString(), Math.floor(between / 1000)]) {
    expect(await idsOf(muster, { task_type, created_after: time })).toEqual([late]);
    expect(await idsOf(muster, { task_type, created_before: time })).toEqual([early]);
    expect(await idsOf(muster, { task_type, created_before: time, created_after: time })).toEqual([]);
  }
  await muster.finish(early);
  await muster.finish(late);
  await muster.settled();
  const after = new Date(between).toISOString();
  expect(await idsOf(muster, { task_type, status: 'completed', created_after: after })).toEqual([late]);
  expect(await idsOf(muster, { task_type, status: 'completed', created_before: after })).toEqual([early]);
});

test('a cursor continues only the listing it comes from', async ({ muster }) => {
  const task_type = muster.name('paged');
  await muster.create([{ task_type }, { task_type }, { task_type }]);
  const filter = { status: 'pending', task_type } as const;
  const { tasks, next_cursor: cursor } = await muster.call('query_tasks', { ...filter, limit: 1 });
  const rest = await muster.call('query_tasks', { ...filter, limit: 2, cursor });
  expect(new Set([...tasks, ...rest.tasks].map((task) => task.task_id)).size).toBe(3);

  for (const other of [{ task_type }, { ...filter, status: 'waiting' }, { ...filter, priority: 'low' }] as const) {
    expect(await muster.refusal('query_tasks', { ...other, cursor })).toMatchObject({
      code: 'invalid_input',
      errors: [{ pointer: '/cursor', message: 'belongs to another operation, or to a request with different filters' }],
    });
  }
  const { errors } = await muster.refusal('cancel_tasks', { ...filter, cursor });
  expect(errors).toMatchObject([{ pointer: '/cursor' }]);
});

test('ended tasks are listed newest first', async ({ muster }) => {
  const task_type = muster.name('ordered');
  const order: string[] = [];
  for (let n = 0; n < 4; n += 1) {
    const task_id = await muster.create({ task_type });
    await muster.finish(task_id);
    order.unshift(task_id);
  }
  await muster.settled();
  expect(await idsOf(muster, { task_type, status: 'completed' })).toEqual(order);
  expect(await idsOf(muster, { task_type, status: 'completed' }, 2)).toEqual(order);
});

test('a list shows summaries, without text from producers and agents', async ({ muster }) => {
  const task_type = muster.name('summary');
  await muster.finish(await muster.create({ task_type, metadata: { team: 'a' } }), { large: 'result' });
  await muster.settled();
  const [task] = await muster.find({ task_type });
  expect(task).toMatchObject({ task_type, status: 'completed', requirements: [muster.name('skill')], attempt: 1 });
  for (const field of ['content', 'result', 'metadata', 'history', 'dependencies'])
    expect(task).not.toHaveProperty(field);
});

test('polling shows what an agent holds, in the requested status', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const [assigned, running, pending] = await muster.create([{}, {}, {}]);
  await muster.call('assign_task', { task_id: assigned, agent_id });
  await muster.call('assign_task', { task_id: running, agent_id });
  await muster.call('start_task', { task_id: running });

  const poll = async (status: 'assigned' | 'running' | 'pending') =>
    (await muster.call('poll_tasks', { agent_id, status })).tasks.map((task) => task.task_id);
  expect(await poll('assigned')).toEqual([assigned]);
  expect(await poll('running')).toEqual([running]);
  expect(await poll('pending')).toEqual([pending]);
  const held = await muster.call('poll_tasks', { agent_id });
  expect(held.tasks.map((task) => task.task_id)).toEqual([assigned, running]);
  expect(await muster.ask('GET', `/v1/queue?agent_id=${agent_id}&limit=1`)).toMatchObject({ count: 1 });
  const { count, tasks } = await muster.call('poll_tasks', { agent_id, status: 'pending', limit: 1 });
  expect([count, tasks[0]?.content]).toEqual([1, 'something to do']);
  expect(await muster.status(pending)).toBe('pending');
});

test('polling without an agent shows all pending tasks in the order in which they should run', async ({ muster }) => {
  const [low, critical] = await muster.create([{ priority: 'low' }, { priority: 'critical', requirements: [] }]);
  const { tasks } = await muster.call('poll_tasks', { limit: 100 });
  const ids = tasks.map((task) => task.task_id);
  expect(ids.indexOf(critical)).toBe(0);
  expect(ids.indexOf(low)).toBe(ids.length - 1);
});
