import { expect, test } from '../support/moved-muster.ts';

test('tasks held by a deregistered agent go to others at once, without using up an attempt', async ({ muster }) => {
  const leaving = await muster.agent('leaving');
  const [assigned, running] = await muster.create([{ routing: 'auto' }, { routing: 'auto' }]);
  await muster.until(assigned, 'assigned');
  await muster.until(running, 'assigned');
  await muster.call('start_task', { task_id: running });

  const answer = await muster.call('deregister_agent', { agent_id: leaving });
  expect(answer).toMatchObject({ agent_id: leaving, deregistered: true });
  expect(answer.requeued.toSorted()).toEqual([assigned, running].sort());
  const requeued = await muster.task(running);
  expect(requeued).toMatchObject({ status: 'pending', attempt: 1, retry_count: 0 });
  expect(requeued.history.at(-1)).toMatchObject({ agent_id: leaving, reason: 'deregistered' });

  const staying = await muster.agent('staying');
  for (const task_id of [assigned, running]) {
    expect(await muster.until(task_id, 'assigned')).toMatchObject({ assigned_to: staying, attempt: 2 });
  }
  expect(await muster.refusal('complete_task', { task_id: running, agent_id: leaving, attempt: 1 })).toMatchObject({
    code: 'stale_attempt',
  });
});

test('a deregistered agent is gone, and deregistering it again says so', async ({ muster }) => {
  const agent_id = await muster.agent('leaving');
  await muster.call('deregister_agent', { agent_id });
  expect(await muster.call('deregister_agent', { agent_id })).toEqual({ agent_id, deregistered: false, requeued: [] });
  expect(await muster.refusal('get_agent', { agent_id })).toMatchObject({ status: 404, code: 'agent_not_found' });
  expect((await muster.call('find_agents', { requirements: [muster.name('skill')] })).agents).toEqual([]);

  const task_id = await muster.create({ routing: 'auto' });
  await muster.settled();
  expect(await muster.status(task_id)).toBe('pending');
});

test('registering again replaces the declared capabilities and keeps the track record and learned ones', async ({
  muster,
}) => {
  const [python, web, ml] = muster.names('python', 'web', 'ml');
  const agent_id = await muster.agent('changing', [python], { max_concurrent_tasks: 2, metadata: { version: 1 } });
  await muster.call('learn_capability', { agent_id, capability: ml, confidence: 0.5 });
  await muster.call('update_agent_performance', { agent_id, success: true, duration_ms: 300 });
  const before = await muster.call('get_agent', { agent_id });
  const held = await muster.create({ requirements: [python] });
  await muster.call('assign_task', { task_id: held, agent_id });

  await muster.agent('changing', [web], { max_concurrent_tasks: 7 });
  const after = await muster.call('get_agent', { agent_id });
  expect(after.capabilities.map(({ name, source }) => [name, source])).toEqual([
    [ml, 'learned'],
    [web, 'declared'],
  ]);
  expect(after).toMatchObject({
    max_concurrent_tasks: 7,
    registered_at: before.registered_at,
    holding: [{ task_id: held }],
    health: { total_completed: 1, avg_completion_ms: 300 },
  });
  expect(after).not.toHaveProperty('metadata');
});

test('an agent without its own maximum can hold five tasks', async ({ muster }) => {
  const agent_id = await muster.agent('plain');
  expect(await muster.call('get_agent', { agent_id })).toMatchObject({ max_concurrent_tasks: 5 });
});

test('capabilities match by exact name, and all are required', async ({ muster }) => {
  const [sql, python] = muster.names('sql', 'python');
  const [both, one] = await Promise.all([muster.agent('both', [python, sql]), muster.agent('one', [sql])]);
  await muster.agent('other', [muster.name('nosql'), muster.name('sql2'), python]);

  const find = async (...requirements: string[]) =>
    (await muster.call('find_agents', { requirements })).agents.map((agent) => agent.agent_id).sort();
  expect(await find(sql)).toEqual([both, one].sort());
  expect(await find(python, sql)).toEqual([both]);
  expect(await find(sql, muster.name('SQL'))).toEqual([]);
});

test('agents can be excluded, filtered by availability, and listed page by page', async ({ muster }) => {
  const agents = [];
  for (const name of ['a', 'b', 'c', 'd'])
    agents.push(await muster.agent(name, undefined, { max_concurrent_tasks: 1 }));
  const [a = '', b = '', ...others] = agents;
  const requirements = [muster.name('skill')];
  await muster.call('assign_task', { task_id: await muster.create({}), agent_id: a });

  const idsOf = (page: { agents: { agent_id: string }[] }) => page.agents.map((agent) => agent.agent_id).sort();
  expect(idsOf(await muster.call('find_agents', { requirements, exclude_agents: [a, b] }))).toEqual(others);
  expect(idsOf(await muster.call('find_agents', { requirements, available: true }))).toEqual([b, ...others]);

  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await muster.call('find_agents', { requirements, limit: 3, cursor });
    expect(page.agents.length).toBeLessThanOrEqual(3);
    found.push(...idsOf(page));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  expect(found.sort()).toEqual(agents);
});

test('the only capable agent among many is found at once, even with a small page', async ({ muster }) => {
  const requirements = muster.names('python', 'cobol');
  const ordinary = Array.from({ length: 6 }, (_, n) => muster.agent(`ordinary-${n}`, [muster.name('python')]));
  const rare = await muster.agent('rare', requirements);
  await Promise.all(ordinary);
  const { agents } = await muster.call('find_agents', { requirements, limit: 1 });
  expect(agents.map((agent) => agent.agent_id)).toEqual([rare]);
});

test('names of built-in JavaScript properties are ordinary names', async ({ muster }) => {
  const names = ['constructor', 'hasOwnProperty', 'toString'];
  const agent_id = await muster.agent('worker', names);
  const task_id = await muster.create({ requirements: names });
  expect(await muster.call('poll_tasks', { agent_id, status: 'pending' })).toMatchObject({ tasks: [{ task_id }] });
  await muster.call('assign_task', { task_id, agent_id });
  await muster.finish(task_id);

  const namesake = await muster.call('register_agent', { agent_id: 'constructor', capabilities: names });
  const declined = await muster.create({ requirements: names });
  const offered = { tasks: [{ task_id: declined }] };
  expect(await muster.call('poll_tasks', { agent_id: namesake.agent_id, status: 'pending' })).toMatchObject(offered);
  await muster.call('assign_task', { task_id: declined, agent_id: namesake.agent_id });
  await muster.call('release_task', { task_id: declined, reason: 'not me' });
  expect(await muster.call('poll_tasks', { agent_id: namesake.agent_id, status: 'pending' })).toMatchObject({
    tasks: [],
  });
  await muster.call('deregister_agent', { agent_id: namesake.agent_id });

  const { capabilities } = await muster.call('get_agent', { agent_id });
  expect(capabilities).toMatchObject(names.map((name) => ({ name, confidence: 1, completed: 1, failed: 0 })));
  await muster.fire('sweep');
  const { skill_distribution } = await muster.call('get_agent_statistics', {});
  expect(skill_distribution).toMatchObject(Object.fromEntries(names.map((name) => [name, 1])));
});

test('an agent is degraded at four successes in five or less, and stale if not seen', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const report = (success: boolean) => muster.call('update_agent_performance', { agent_id, success, duration_ms: 100 });
  for (let n = 0; n < 5; n += 1) await report(true);
  expect(await report(false)).toMatchObject({ status: 'healthy', total_completed: 5, total_failed: 1 });
  expect(await report(false)).toMatchObject({ status: 'degraded', success_rate: 5 / 7 });

  await muster.clock.advance('181s');
  expect(await muster.call('get_agent_health', { agent_id })).toMatchObject({ status: 'stale' });
  expect(await report(true)).toMatchObject({ status: 'degraded' });
});

test('learning has limits', async ({ muster }) => {
  const [nobody, skill] = muster.names('nobody', 'new');
  expect(await muster.refusal('learn_capability', { agent_id: nobody, capability: skill })).toMatchObject({
    status: 404,
    code: 'agent_not_found',
  });
  const many = Array.from({ length: 100 }, (_, n) => muster.name(`skill-${n}`));
  const agent_id = await muster.agent('polymath', many);
  expect(await muster.refusal('learn_capability', { agent_id, capability: skill })).toMatchObject({
    status: 422,
    code: 'too_many_capabilities',
  });
  expect(await muster.call('learn_capability', { agent_id, capability: many[0] ?? '' })).toMatchObject({ agent_id });
});

test('agent statistics show the number, load and success of agents', async ({ muster }) => {
  const skill = muster.name('skill');
  // With more than ten agents, statistics show what the last sweep has seen.
  await muster.fire('sweep');
  const before = await muster.call('get_agent_statistics', {});
  const [hot, warm] = await Promise.all([
    muster.agent('hot', undefined, { max_concurrent_tasks: 1 }),
    muster.agent('warm', undefined, { max_concurrent_tasks: 4 }),
    muster.agent('idle'),
  ]);
  await muster.call('assign_task', { task_id: await muster.create({}), agent_id: hot });
  await muster.call('assign_task', { task_id: await muster.create({}), agent_id: warm });

  await muster.fire('sweep');
  const after = await muster.call('get_agent_statistics', {});
  expect(after).toMatchObject({
    total_agents: before.total_agents + 3,
    busy_agents: before.busy_agents + 2,
    available_agents: before.available_agents + 2,
  });
  expect(after.hotspot_agents).toContain(hot);
  expect(after.hotspot_agents).not.toContain(warm);
  expect(after.skill_distribution[skill]).toBe(3);
});
