/** What answers say of a task, beyond its status. */
import { expect, test } from '../support/muster.ts';

test('every ended task says when it ended, and only a completed one when it was completed', async ({ muster }) => {
  const [completed, failed, cancelled, pending] = await muster.create([{}, {}, {}, {}]);
  await muster.finish(completed);
  await muster.fail(failed);
  await muster.end(cancelled, 'cancelled');

  const { ended_at, completed_at } = await muster.task(completed);
  expect(ended_at).toBeDefined();
  expect(completed_at).toBe(ended_at);
  for (const task_id of [failed, cancelled]) {
    const task = await muster.task(task_id);
    expect(task.ended_at).toBe(task.history.at(-1)?.at);
    expect(task).not.toHaveProperty('completed_at');
  }
  expect(await muster.task(pending)).not.toHaveProperty('ended_at');
});

test('a task that nobody has is assigned to null, also in lists', async ({ muster }) => {
  const agent_id = await muster.agent('holder');
  const task_type = muster.name('kind');
  const [held, free] = await muster.create([{ task_type }, { task_type }]);
  await muster.call('assign_task', { task_id: held, agent_id });

  expect((await muster.task(free)).assigned_to).toBeNull();
  const { tasks } = await muster.call('query_tasks', { task_type });
  expect(tasks.map(({ task_id, assigned_to }) => [task_id, assigned_to]).sort()).toEqual(
    [
      [held, agent_id],
      [free, null],
    ].sort(),
  );
});
