import { expect, test } from '../support/moved-muster.ts';

/** Two processes of one agent. */
const [first, second] = ['process-1', 'process-2'];

test("a second process is refused, naming the first one's host, until the first is silent", async ({ muster }) => {
  const agent_id = await muster.agent('ada', undefined, { instance: first, host: 'web-1' });
  const registration = { agent_id, capabilities: [muster.name('skill')], instance: second };
  const refused = await muster.refusal('register_agent', registration);
  expect(refused).toMatchObject({ code: 'agent_in_use', status: 409 });
  expect(refused.detail).toMatch(/instance process-1 on host web-1 since \d{4}-/);
  expect(await muster.refusal('claim_tasks', { agent_id })).toMatchObject({ code: 'agent_in_use' });
  await muster.clock.advance('61s');
  expect(await muster.call('register_agent', registration)).toMatchObject({ instance: { id: second } });
});

test('a takeover is a new attempt, and fences off the replaced process', async ({ muster }) => {
  const agent_id = await muster.agent('ada', undefined, { instance: first });
  const task_id = await muster.create({});
  const claim = { agent_id, holding: [] };
  await muster.call('claim_tasks', { ...claim, instance: first });
  await muster.call('register_agent', {
    agent_id,
    capabilities: [muster.name('skill')],
    instance: second,
    takeover: true,
  });

  expect(await muster.refusal('claim_tasks', { ...claim, instance: first })).toMatchObject({ code: 'agent_replaced' });
  const { tasks } = await muster.call('claim_tasks', { ...claim, instance: second });
  expect(tasks).toMatchObject([{ task_id, attempt: 2, status: 'running', retry_count: 0 }]);
  // If its response was lost, it gets the same attempt again.
  expect((await muster.call('claim_tasks', { ...claim, instance: second })).tasks).toMatchObject([{ attempt: 2 }]);

  const report = { task_id, agent_id, result: 'done' };
  const late = await muster.refusal('complete_task', { ...report, attempt: 1, instance: first });
  expect(late).toMatchObject({ code: 'stale_attempt' });
  expect(await muster.call('complete_task', { ...report, attempt: 2, instance: second })).toMatchObject({
    status: 'completed',
  });
  const { history } = await muster.task(task_id);
  expect(history.map(({ reason }) => reason)).toContain('agent_replaced');
});

test('two concurrent claims of one process get different attempts', async ({ muster }) => {
  const agent_id = await muster.agent('ada', undefined, { instance: first, max_concurrent_tasks: 20 });
  const ids = await muster.create(Array.from({ length: 20 }, () => ({})));
  await Promise.all(ids.map((task_id) => muster.call('assign_task', { task_id, agent_id })));
  const claims = await Promise.all(
    Array.from({ length: 8 }, () => muster.call('claim_tasks', { agent_id, instance: first, limit: 10 })),
  );
  const given = claims.flatMap(({ tasks }) => tasks.map(({ task_id }) => task_id));
  expect(given.toSorted()).toEqual([...new Set(given)].sort());
});

test('an agent without an instance works as before', async ({ muster }) => {
  const agent_id = await muster.agent('ada');
  const task_id = await muster.create({});
  expect((await muster.call('claim_tasks', { agent_id })).tasks).toMatchObject([{ task_id, attempt: 1 }]);
  expect((await muster.call('claim_tasks', { agent_id, holding: [] })).tasks).toMatchObject([{ task_id, attempt: 1 }]);
  await muster.call('heartbeat_task', { task_id, agent_id, attempt: 1 });
  expect((await muster.call('claim_tasks', { agent_id, holding: [] })).tasks).toEqual([]);
  expect(await muster.call('complete_task', { task_id, agent_id, attempt: 1 })).toMatchObject({ status: 'completed' });
});

test("an agent's key can run each of its processes with its own id, and no other agent", async ({ muster }) => {
  const [agent_id, other] = muster.names('ada', 'adabel');
  const { key } = await muster.call('create_key', { role: 'agent', agent_id });
  const own = `${agent_id}@web-1a2b`;
  expect(await muster.call('register_agent', { agent_id: own }, key)).toMatchObject({ agent_id: own });
  expect(await muster.refusal('register_agent', { agent_id: other }, key)).toMatchObject({ code: 'other_agent' });
  expect(await muster.refusal('register_agent', { agent_id: `${other}@web` }, key)).toMatchObject({
    code: 'other_agent',
  });
});
