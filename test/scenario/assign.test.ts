/** Assigning a task to a particular agent. */
import { expect, test } from '../support/muster.ts';

test('an agent that lacks a requirement is refused, unless forced', async ({ muster }) => {
  const [python, sql] = muster.names('python', 'sql');
  const agent_id = await muster.agent('half', [python]);
  const task_id = await muster.create({ requirements: [python, sql] });
  const refusal = await muster.refusal('assign_task', { task_id, agent_id });
  expect(refusal).toMatchObject({ status: 422, code: 'not_capable', detail: `Agent ${agent_id} lacks ${sql}.` });
  expect(await muster.call('assign_task', { task_id, agent_id, force: true })).toMatchObject({ assigned_to: agent_id });
});

test('unknown tasks and agents are refused', async ({ muster }) => {
  const [task, agent] = muster.names('no-task', 'no-agent');
  const task_id = await muster.create({});
  expect(await muster.refusal('assign_task', { task_id, agent_id: agent })).toMatchObject({
    status: 404,
    code: 'agent_not_found',
    detail: `Agent ${agent} not found.`,
  });
  expect(await muster.refusal('assign_task', { task_id: task, agent_id: agent })).toMatchObject({
    status: 404,
    code: 'task_not_found',
    detail: `Task ${task} not found.`,
  });
});

test('a task assigned by the router and not started can be assigned to another agent', async ({ muster }) => {
  const first = await muster.agent('first');
  const task_id = await muster.create({ routing: 'auto' });
  await muster.until(task_id, 'assigned');
  const second = await muster.agent('second');

  const moved = await muster.call('assign_task', { task_id, agent_id: second });
  expect(moved).toMatchObject({ status: 'assigned', assigned_to: second, attempt: 2, retry_count: 0 });
  expect(await muster.call('get_agent', { agent_id: first })).toMatchObject({ load: 0 });
  expect(await muster.call('get_agent', { agent_id: second })).toMatchObject({ holding: [{ task_id }] });
  expect(await muster.refusal('start_task', { task_id, agent_id: first, attempt: 1 })).toMatchObject({
    code: 'stale_attempt',
  });
});

test('a task that was started, claimed or assigned manually stays with its agent', async ({ muster }) => {
  const [holder, other] = await Promise.all([muster.agent('holder'), muster.agent('other')]);
  const claimed = await muster.create({});
  await muster.call('claim_tasks', { agent_id: holder, start: false });
  const [started, manual] = await muster.create([{}, {}]);
  await muster.call('assign_task', { task_id: manual, agent_id: holder });
  await muster.call('assign_task', { task_id: started, agent_id: holder });
  await muster.call('start_task', { task_id: started });

  for (const task_id of [started, claimed, manual]) {
    const refusal = await muster.refusal('assign_task', { task_id, agent_id: other });
    expect(refusal).toMatchObject({ status: 409, code: 'already_held' });
    expect(refusal.detail).toContain(holder);
  }
});

test('only a pending task can be assigned', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const parent = await muster.create({});
  const waiting = await muster.create({ dependencies: [parent] });
  expect(await muster.refusal('assign_task', { task_id: waiting, agent_id })).toMatchObject({
    status: 409,
    code: 'not_pending',
  });
  await muster.finish(parent);
  expect(await muster.refusal('assign_task', { task_id: parent, agent_id })).toMatchObject({ code: 'already_ended' });
});

test('routing advice respects exclusions, even of the holder, and changes nothing', async ({ muster }) => {
  const [one, two] = await Promise.all([muster.agent('one'), muster.agent('two')]);
  const task_id = await muster.create({});
  const advice = await muster.call('route_task', { task_id });
  expect(advice.selected_agent).toBe([one, two].sort()[0]);
  expect(await muster.call('route_task', { task_id })).toEqual(advice);

  await muster.call('assign_task', { task_id, agent_id: one });
  expect(await muster.call('route_task', { task_id })).toMatchObject({ selected_agent: one });
  const without = await muster.call('route_task', { task_id, exclude_agents: [one] });
  expect(without).toMatchObject({ selected_agent: two, candidates: [{ agent_id: two }] });
  expect(await muster.call('route_task', { task_id, exclude_agents: [one, two] })).toMatchObject({
    selected_agent: null,
    reason: `No agent besides ${one}, ${two} seen in the last hour has all of ${muster.name('skill')}.`,
  });
  expect(await muster.task(task_id)).toMatchObject({ assigned_to: one, attempt: 1 });
});

test('many concurrent assignments never exceed the maximum of an agent', async ({ muster }) => {
  const agent_id = await muster.agent('small', undefined, { max_concurrent_tasks: 2 });
  const tasks = await muster.create(Array.from({ length: 8 }, () => ({})));
  const answers = await Promise.all(
    tasks.map((task_id) => muster.http('POST', `/v1/tasks/${task_id}/assign`, { agent_id })),
  );
  const given = answers.filter(({ status }) => status === 200);
  expect(given).toHaveLength(2);
  for (const { status, body } of answers) {
    if (status !== 200) expect(body).toMatchObject({ status: 409, code: 'agent_at_capacity' });
  }
  expect((await muster.call('get_agent', { agent_id })).load).toBe(2);
});
