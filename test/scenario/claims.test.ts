import { heldBy } from '../support/agents.ts';
import { expect, test } from '../support/muster.ts';
import { empty } from '../support/tasks.ts';

test('a claim returns first what was assigned to the agent, then other work', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const urgent = await muster.create({ priority: 'critical' });
  const own = await muster.create({});
  await muster.call('assign_task', { task_id: own, agent_id });

  const first = await muster.call('claim_tasks', { agent_id });
  expect(first).toMatchObject({ tasks: [{ task_id: own, status: 'running', attempt: 1 }], poll_after_ms: 0 });
  const second = await muster.call('claim_tasks', { agent_id });
  expect(second.tasks).toMatchObject([{ task_id: urgent }]);
});

test('tasks beyond the requested number stay assigned', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const [low, high] = await muster.create([{ priority: 'low' }, { priority: 'high' }]);
  for (const task_id of [low, high]) await muster.call('assign_task', { task_id, agent_id });

  expect((await muster.call('claim_tasks', { agent_id })).tasks).toMatchObject([{ task_id: high }]);
  expect(await muster.status(low)).toBe('assigned');
  expect((await muster.call('claim_tasks', { agent_id })).tasks).toMatchObject([{ task_id: low }]);
});

test('without work, a claim says when to poll again: on the laptop after half a second', async ({ muster, local }) => {
  const agent_id = await muster.agent('idle');
  const { tasks, poll_after_ms } = await muster.call('claim_tasks', { agent_id });
  expect(tasks).toEqual([]);
  expect(poll_after_ms).toBeGreaterThanOrEqual(400);
  if (local) expect(poll_after_ms).toBeLessThanOrEqual(600);
});

test('start=false leaves the start to the agent', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const task_id = await muster.create({});
  const { tasks } = await muster.call('claim_tasks', { agent_id, start: false });
  expect(tasks).toMatchObject([{ task_id, status: 'assigned', content: 'something to do' }]);
  expect(await muster.call('start_task', { task_id, agent_id, attempt: 1 })).toMatchObject({ status: 'running' });
});

test('a claim whose response was lost is delivered again to a caller that lists what it holds', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  await muster.create([{}, {}]);
  const [lost] = (await muster.call('claim_tasks', { agent_id })).tasks;

  // Without `holding`, the lost response cannot be detected: the agent gets the other task.
  const [known] = (await muster.call('claim_tasks', { agent_id })).tasks;
  expect(known?.task_id).not.toBe(lost?.task_id);

  const holding = [{ task_id: known?.task_id ?? '', attempt: 1 }];
  const { tasks } = await muster.call('claim_tasks', { agent_id, limit: 5, holding });
  expect(tasks).toEqual([lost]);
  expect(await muster.call('get_agent', { agent_id })).toMatchObject({ load: 2 });
});

test("a claim never exceeds the agent's free slots", async ({ muster }) => {
  const agent_id = await muster.agent('small', undefined, { max_concurrent_tasks: 2 });
  await muster.create([{}, {}, {}]);
  expect((await muster.call('claim_tasks', { agent_id, limit: 10 })).tasks).toHaveLength(2);
  expect((await muster.call('claim_tasks', { agent_id, limit: 10 })).tasks).toEqual([]);
  expect(await muster.refusal('assign_task', { task_id: await muster.create({}), agent_id })).toMatchObject({
    status: 409,
    code: 'agent_at_capacity',
  });
});

test('completing with claim_next returns the next task in the same response', async ({ muster }) => {
  const agent_id = await muster.agent('worker', undefined, { max_concurrent_tasks: 1 });
  const [first, second] = [await muster.create({}), await muster.create({})];
  await muster.call('claim_tasks', { agent_id });

  const completed = await muster.call('complete_task', { task_id: first, agent_id, attempt: 1, claim_next: 1 });
  expect(completed).toMatchObject({ task_id: first, status: 'completed' });
  expect(completed.claimed).toMatchObject([
    { task_id: second, status: 'running', attempt: 1, dependency_results: empty },
  ]);

  const last = await muster.call('complete_task', { task_id: second, agent_id, attempt: 1, claim_next: 1 });
  expect(last.claimed).toEqual([]);
});

test('a completion whose response was lost returns its next task again to a caller that lists what it holds', async ({
  muster,
}) => {
  const agent_id = await muster.agent('worker', undefined, { max_concurrent_tasks: 1 });
  const [first, second] = [await muster.create({}), await muster.create({})];
  await muster.call('claim_tasks', { agent_id });
  const report = { task_id: first, agent_id, attempt: 1, claim_next: 1, holding: [] };
  const next = [{ task_id: second, attempt: 1 }];
  for (let n = 0; n < 2; n += 1) {
    expect((await muster.call('complete_task', report)).claimed).toMatchObject(next);
  }
  expect((await muster.call('complete_task', { ...report, holding: next })).claimed).toEqual([]);
});

test('a repeated completion succeeds after its agent was deregistered', async ({ muster }) => {
  const agent_id = await muster.agent('leaving');
  const task_id = await muster.create({});
  await muster.call('claim_tasks', { agent_id });
  const report = { task_id, agent_id, attempt: 1, claim_next: 1 };
  await muster.call('complete_task', report);
  await muster.call('deregister_agent', { agent_id });
  expect(await muster.call('complete_task', report)).toMatchObject({ status: 'completed', claimed: [] });
});

test('of two agents that claim the last task concurrently, one gets it', async ({ muster }) => {
  const [one, two] = await Promise.all([muster.agent('one'), muster.agent('two')]);
  for (let n = 0; n < 3; n += 1) {
    const task_id = await muster.create({});
    const claims = await Promise.all([one, two].map((agent_id) => muster.call('claim_tasks', { agent_id })));
    expect(claims.flatMap(({ tasks }) => tasks)).toMatchObject([{ task_id, attempt: 1 }]);
    await muster.finish(task_id);
  }
});

test('thirty agents that claim twenty tasks concurrently get each task once', async ({ muster }) => {
  const agents = await Promise.all(Array.from({ length: 30 }, (_, n) => muster.agent(`agent-${n}`)));
  const tasks = await muster.create(Array.from({ length: 20 }, () => ({})));

  const given: string[] = [];
  // A claim made at the same moment as all others may get nothing, but not for long.
  for (let round = 0; round < 4 && given.length < tasks.length; round += 1) {
    const claims = await Promise.all(agents.map((agent_id) => muster.call('claim_tasks', { agent_id })));
    given.push(...claims.flatMap((claim) => claim.tasks.map((task) => task.task_id)));
  }
  expect(given.toSorted()).toEqual(tasks.toSorted());

  const found = await muster.call('find_agents', { requirements: [muster.name('skill')] });
  expect(found.agents.flatMap((agent) => heldBy(agent)).sort()).toEqual(tasks.toSorted());
});

test('one agent that claims many times concurrently stays within its maximum', async ({ muster }) => {
  const agent_id = await muster.agent('eager', undefined, { max_concurrent_tasks: 3 });
  await muster.create(Array.from({ length: 10 }, () => ({})));
  const claims = await Promise.all(Array.from({ length: 8 }, () => muster.call('claim_tasks', { agent_id, limit: 2 })));
  const given = claims.flatMap(({ tasks }) => tasks.map((task) => task.task_id));
  expect(new Set(given).size).toBe(given.length);
  expect(given.length).toBeLessThanOrEqual(3);
  expect(heldBy(await muster.call('get_agent', { agent_id })).sort()).toEqual(given.sort());
});

test('router and claims together assign each task once', async ({ muster }) => {
  const agents = await Promise.all(
    ['a', 'b', 'c'].map((name) => muster.agent(name, undefined, { max_concurrent_tasks: 4 })),
  );
  const creating = muster.create(Array.from({ length: 12 }, () => ({ routing: 'auto' as const })));
  const claiming = agents.flatMap((agent_id) =>
    Array.from({ length: 4 }, () => muster.call('claim_tasks', { agent_id, limit: 1 })),
  );
  const tasks = await creating;
  await Promise.all(claiming);
  await muster.settled();
  // An offer of a claim that lost its race may have held a slot when the router looked. Its agent claims again and need
  // not be woken.
  for (const agent_id of agents) await muster.call('claim_tasks', { agent_id, limit: 4 });

  const holders = await Promise.all(agents.map((agent_id) => muster.call('get_agent', { agent_id })));
  expect(holders.flatMap((agent) => heldBy(agent)).sort()).toEqual(tasks.toSorted());
  for (const task_id of tasks) expect((await muster.task(task_id)).attempt).toBe(1);
});

test('an unregistered agent is refused', async ({ muster }) => {
  expect(await muster.refusal('claim_tasks', { agent_id: muster.name('nobody') })).toMatchObject({
    status: 404,
    code: 'agent_not_found',
    hint: expect.stringContaining('POST /v1/agents') as string,
  });
});
