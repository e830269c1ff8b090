/** The fields of a task in responses, beyond its status. */
import { randomBytes } from 'node:crypto';
import { Task } from '#shared/contract/task.ts';
import { expect, test } from '../support/muster.ts';

test('every ended task has an end time, and only a completed one a completion time', async ({ muster }) => {
  const [completed, failed, cancelled, pending] = await muster.create([{}, {}, {}, {}]);
  await muster.finish(completed);
  await muster.fail(failed);
  await muster.end(cancelled, 'cancelled');

  const { ended_at, completed_at } = await muster.task(completed, 'completed');
  expect(ended_at).toBeDefined();
  expect(completed_at).toBe(ended_at);
  for (const task_id of [failed, cancelled]) {
    const task = await muster.task(task_id, 'failed', 'cancelled');
    expect(task.ended_at).toBe(task.history.at(-1)?.at);
    expect(task).not.toHaveProperty('completed_at');
  }
  expect(await muster.task(pending)).not.toHaveProperty('ended_at');
});

test('an unassigned task has assigned_to null, also in lists', async ({ muster }) => {
  const agent_id = await muster.agent('holder');
  const task_type = muster.name('kind');
  const [held, free] = await muster.create([{ task_type }, { task_type }]);
  await muster.call('assign_task', { task_id: held, agent_id });

  expect((await muster.task(free)).assigned_to).toBeNull();
  const tasks = await muster.find({ task_type });
  expect(tasks.map(({ task_id, assigned_to }) => [task_id, assigned_to]).sort()).toEqual(
    [
      [held, agent_id],
      [free, null],
    ].sort(),
  );
});

test('lists show the title of a task, or else the first line of its content', async ({ muster }) => {
  const task_type = muster.name('titled');
  const rest = `\n${randomBytes(30_000).toString('base64')}`;
  const [given, short, long] = await muster.create([
    { task_type, title: 'Compare the reports', content: `Read both${rest}` },
    { task_type, content: '\n  Read both\tof them. \nThen compare.' },
    { task_type, content: `${'Schöne Wörter '.repeat(20)}${rest}` },
  ]);
  const list = async () => ({ tasks: await muster.find({ task_type, status: 'pending' }) });
  const titles = new Map((await list()).tasks.map(({ task_id, title }) => [task_id, title]));

  expect(titles.get(given)).toBe('Compare the reports');
  expect(titles.get(short)).toBe('Read both of them.');
  expect(titles.get(long)).toMatch(/^(Schöne Wörter ){7}.*…$/);
  expect(Buffer.byteLength(titles.get(long) ?? '')).toBeLessThanOrEqual(120);
  for (const [task_id, title] of titles) expect((await muster.task(task_id)).title).toBe(title);
});

test('a title of 120 arbitrary characters is kept completely, and shortened in lists', async ({ muster }) => {
  const [task_type, title] = [muster.name('titled'), '語'.repeat(120)];
  const task_id = await muster.create({ task_type, title });
  expect((await muster.task(task_id)).title).toBe(title);
  const tasks = await muster.find({ task_type });
  expect(tasks).toMatchObject([{ task_id, title: `${'語'.repeat(39)}…` }]);

  for (const wrong of [' ', 'two\nlines', '語'.repeat(121)]) {
    expect(await muster.refusal('create_task', { content: 'x', title: wrong })).toMatchObject({
      code: 'invalid_input',
      errors: [{ pointer: '/title' }],
    });
  }
});

test('the tasks of a graph have titles too, before and after their content is read', async ({ muster }) => {
  const tasks = [
    { key: 'a', content: 'Find sources\nand list them', requirements: [muster.name('skill')] },
    { key: 'b', title: 'Report', content: 'x'.repeat(1000), requirements: [muster.name('skill')], dependencies: ['a'] },
  ];
  const { graph_id = '' } = await muster.call('submit_graph', { tasks });
  const graph = await muster.call('get_graph', { graph_id });
  expect(graph.tasks.map(({ key, title }) => [key, title])).toEqual([
    ['a', 'Find sources'],
    ['b', 'Report'],
  ]);
});

test('a summary says briefly why a task failed, was cancelled or is blocked', async ({ muster }) => {
  const task_type = muster.name('troubled');
  const [failed, cancelled, plain, fine] = await muster.create([
    { task_type },
    { task_type },
    { task_type },
    { task_type },
  ]);
  const blocked = await muster.create({ task_type, dependencies: [failed] });
  await muster.fail(failed);
  await muster.call('cancel_task', { task_id: cancelled, reason: 'The survey is outdated.' });
  await muster.call('cancel_task', { task_id: plain });
  await muster.until(blocked, 'blocked');

  const tasks = await muster.find({ task_type });
  const reasons = Object.fromEntries(tasks.map((task) => [task.task_id, 'reason' in task ? task.reason : undefined]));
  expect(reasons).toEqual({
    [failed]: 'failed by the test',
    [cancelled]: 'The survey is outdated.',
    [plain]: 'cancelled',
    [blocked]: 'dependency_failed',
    [fine]: undefined,
  });
  for (const task of tasks) {
    for (const field of ['content', 'dependencies', 'metadata', 'result', 'error', 'history']) {
      expect(task).not.toHaveProperty(field);
    }
  }
});

test('a task has the fields of its status and no others', async ({ muster }) => {
  const agent_id = await muster.agent('holder');
  const [parent, pending, assigned, running, completed, failed, cancelled] = await muster.create([
    {},
    {},
    {},
    {},
    {},
    {},
    {},
  ]);
  const waiting = await muster.create({ dependencies: [parent] });
  const blocked = await muster.create({ dependencies: [failed] });
  for (const task_id of [assigned, running]) await muster.call('assign_task', { task_id, agent_id });
  await muster.call('start_task', { task_id: running });
  await muster.finish(completed);
  await muster.fail(failed);
  await muster.end(cancelled, 'cancelled');
  await muster.until(blocked, 'blocked');

  const common = new Set(Object.keys(await muster.task(waiting)));
  const more = async (task_id: string, status: Task['status']) => {
    const task = await muster.task(task_id, status);
    expect(Task().parse(task)).toEqual(task);
    return Object.keys(task).filter((name) => !common.has(name));
  };
  expect(await more(waiting, 'waiting')).toEqual([]);
  expect(await more(pending, 'pending')).toEqual(['ready_at']);
  const held = ['ready_at', 'assigned_at'];
  expect(await more(assigned, 'assigned')).toEqual([...held, 'lease_expires_at']);
  expect(await more(running, 'running')).toEqual([...held, 'started_at', 'lease_expires_at']);
  const done = ['started_at', 'ended_at', 'completed_at', 'execution_duration_ms', 'result'];
  expect(await more(completed, 'completed')).toEqual([...held, ...done]);
  expect(await more(failed, 'failed')).toEqual([...held, 'started_at', 'ended_at', 'reason', 'error']);
  expect(await more(blocked, 'blocked')).toEqual(['reason']);
  expect(await more(cancelled, 'cancelled')).toEqual(['ready_at', 'ended_at', 'reason']);
});
