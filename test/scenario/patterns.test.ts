/** The common patterns and the troubleshooting of seed/quick-start.md. */
import { expect, test } from '../support/muster.ts';

test('pattern 1: route, assign, start, complete', async ({ muster }) => {
  const skills = muster.names('python', 'data_analysis');
  const agent_id = await muster.agent('bot', skills);
  const task_id = await muster.create({ content: 'Process dataset', task_type: 'analysis', requirements: skills });

  const { selected_agent } = await muster.call('route_task', { task_id });
  expect(selected_agent).toBe(agent_id);
  await muster.call('assign_task', { task_id, agent_id });
  await muster.call('start_task', { task_id });
  await muster.call('complete_task', { task_id, result: 'Processed 1000 records' });
  expect(await muster.task(task_id)).toMatchObject({ status: 'completed', result: 'Processed 1000 records' });
});

test('pattern 2: a busy agent with a better record is passed over for one with free slots', async ({ muster }) => {
  const record = async (agent_id: string, successes: number, failures: number) => {
    for (let n = 0; n < successes + failures; n += 1) {
      await muster.call('update_agent_performance', { agent_id, success: n < successes, duration_ms: 100 });
    }
  };
  const occupy = async (agent_id: string, tasks: number) => {
    for (let n = 0; n < tasks; n += 1) {
      await muster.call('assign_task', { task_id: await muster.create({}), agent_id });
    }
  };
  const [full, busy, free] = await Promise.all([
    muster.agent('full', undefined, { max_concurrent_tasks: 2 }),
    muster.agent('busy', undefined, { max_concurrent_tasks: 8 }),
    muster.agent('free', undefined, { max_concurrent_tasks: 8 }),
  ]);
  await record(full, 19, 1);
  await occupy(full, 2);
  await record(busy, 19, 1);
  await occupy(busy, 6);
  await record(free, 8, 2);
  await occupy(free, 2);

  const { selected_agent, candidates } = await muster.call('route_task', {
    task_id: await muster.create({}),
  });
  expect(selected_agent).toBe(free);
  expect(candidates).toMatchObject([
    { agent_id: free, success_rate: 0.8, load: 2, available: true },
    { agent_id: busy, success_rate: 0.95, load: 6, available: true },
    { agent_id: full, success_rate: 0.95, load: 2, score: 0, available: false, reason: 'full' },
  ]);
});

test('pattern 2: the router spreads a burst over equally skilled agents', async ({ muster }) => {
  const agents = await Promise.all(['one', 'two', 'three', 'four'].map((name) => muster.agent(name)));
  // The router may be looking for work for one of them, and would fill all of its slots.
  await muster.settled();
  await muster.create(Array.from({ length: 12 }, () => ({ routing: 'auto' as const })));
  await muster.settled();
  const loads = await Promise.all(agents.map(async (agent_id) => (await muster.call('get_agent', { agent_id })).load));
  expect(loads.reduce((sum, load) => sum + load, 0)).toBe(12);
  expect(Math.min(...loads)).toBeGreaterThan(0);
});

test('pattern 3: a soft failure is retried, a hard one stays failed until somebody intervenes', async ({ muster }) => {
  const [soft, hard] = await muster.create([{}, {}]);
  expect(await muster.fail(soft, true)).toMatchObject({ status: 'pending', retry_count: 1 });
  expect(await muster.fail(hard, false)).toMatchObject({ status: 'failed', error: 'failed by the test' });

  const retried = await muster.call('retry_task', { task_id: hard });
  expect(retried).toMatchObject({ status: 'pending', retry_count: 0 });
  expect(retried).not.toHaveProperty('error');
  expect(await muster.finish(hard)).toMatchObject({ status: 'completed', attempt: 2 });
});

test('pattern 4: tasks go to specialists', async ({ muster }) => {
  const [nlp, cv, sql, analysis] = muster.names('nlp', 'cv', 'sql', 'analysis');
  const [language, vision, data] = await Promise.all([
    muster.agent('nlp_expert', [nlp, analysis]),
    muster.agent('vision_expert', [cv, analysis]),
    muster.agent('data_expert', [analysis, sql]),
  ]);
  for (const [skill, expert] of [
    [nlp, language],
    [cv, vision],
    [sql, data],
  ] as const) {
    const task_id = await muster.create({ requirements: [skill], routing: 'auto' });
    expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(expert);
    expect((await muster.call('route_task', { task_id })).selected_agent).toBe(expert);
  }
});

test("no capable agent: the requirements and each agent's capabilities can be looked up", async ({ muster }) => {
  const [python, sql] = muster.names('python', 'sql');
  const agent_id = await muster.agent('bot', [python]);
  const task_id = await muster.create({ requirements: [python, sql], routing: 'auto' });
  await muster.settled();
  expect(await muster.task(task_id)).toMatchObject({ status: 'pending', requirements: [python, sql].sort() });

  const { agents } = await muster.call('find_agents', { limit: 100 });
  const bot = agents.find((agent) => agent.agent_id === agent_id);
  expect(bot?.capabilities.map(({ name }) => name)).toEqual([python]);
});

test('no capable agent: one that registers later gets the task automatically', async ({ muster }) => {
  const task_id = await muster.create({ routing: 'auto' });
  await muster.settled();
  expect(await muster.status(task_id)).toBe('pending');

  const agent_id = await muster.agent('new_bot');
  expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(agent_id);
});

test('an agent that is not selected: its health is degraded, and routing prefers another', async ({ muster }) => {
  const [poor, good] = await Promise.all([muster.agent('poor'), muster.agent('good')]);
  for (const success of [false, false, true]) {
    await muster.call('update_agent_performance', { agent_id: poor, success, duration_ms: 500 });
  }
  const health = await muster.call('get_agent_health', { agent_id: poor });
  expect(health).toMatchObject({ status: 'degraded', total_completed: 1, total_failed: 2 });
  expect(health.success_rate).toBeCloseTo(1 / 3);

  const task_id = await muster.create({});
  const { candidates } = await muster.call('route_task', { task_id });
  expect(candidates.map((candidate) => candidate.agent_id)).toEqual([good, poor]);
});

test('a task stuck in assigned: it shows its holder, and can be started', async ({ muster }) => {
  const agent_id = await muster.agent('slow');
  const task_id = await muster.create({ routing: 'auto' });
  const stuck = await muster.until(task_id, 'assigned');
  expect(stuck).toMatchObject({ status: 'assigned', assigned_to: agent_id });
  expect(stuck.lease_expires_at).toBeDefined();
  expect(await muster.call('start_task', { task_id })).toMatchObject({ status: 'running', assigned_to: agent_id });
});
