/** Sections 2 to 9 of seed/quick-start.md, with names unique to each test. */
import { expect, test } from '../support/muster.ts';
import type { InputOf } from '../support/operation-request.ts';
import type { TestMuster } from '../support/test-muster.ts';

/** The two agents of section 2 and the capabilities of this test. */
async function team(muster: TestMuster) {
  const [python, web, analysis] = muster.names('python', 'web', 'data_analysis');
  const research = await muster.agent('researcher_bot', [python, web], { metadata: { max_concurrent_tasks: 5 } });
  const analyst = await muster.agent('analysis_bot', [python, analysis], { metadata: { max_concurrent_tasks: 3 } });
  return { research, analyst, python, web, analysis };
}

test('section 2: agents are registered with their capabilities, and metadata may set their maximum', async ({
  muster,
}) => {
  const { research, analyst, python, analysis } = await team(muster);
  expect(await muster.call('get_agent', { agent_id: analyst })).toMatchObject({
    agent_id: analyst,
    state: 'active',
    capabilities: [
      { name: analysis, confidence: 1, source: 'declared' },
      { name: python, confidence: 1, source: 'declared' },
    ],
    max_concurrent_tasks: 3,
    load: 0,
    holding: [],
    metadata: { max_concurrent_tasks: 3 },
  });
  const { agents } = await muster.call('find_agents', { requirements: [python] });
  expect(agents.map((agent) => agent.agent_id).sort()).toEqual([analyst, research].sort());
});

test('section 3: a task without dependencies is pending, one with an unmet dependency is waiting', async ({
  muster,
}) => {
  const { python, web, analysis } = await team(muster);
  const research = await muster.call('create_task', {
    content: 'Research asyncio patterns in Python',
    task_type: 'research',
    priority: 'high',
    requirements: [python, web],
    routing: 'manual',
  });
  expect(research).toMatchObject({ status: 'pending', priority: 'high', task_type: 'research', attempt: 0 });
  const analyze = await muster.call('create_task', {
    content: 'Analyze the research findings',
    task_type: 'analysis',
    requirements: [analysis, python],
    dependencies: [research.task_id],
  });
  expect(analyze).toMatchObject({ status: 'waiting', priority: 'medium', dependencies: [research.task_id] });
});

test('section 4: routing selects the best capable agent, and assigning gives it the task', async ({ muster }) => {
  const { research, python, web } = await team(muster);
  const task_id = await muster.create({ requirements: [python, web] });

  const advice = await muster.call('route_task', { task_id });
  expect(advice).toMatchObject({ selected_agent: research, candidates: [{ agent_id: research, available: true }] });
  expect(await muster.status(task_id)).toBe('pending');

  expect(await muster.call('assign_task', { task_id, agent_id: research })).toMatchObject({
    status: 'assigned',
    assigned_to: research,
    attempt: 1,
  });
});

test('section 4: the same calls work if the router was faster', async ({ muster }) => {
  const { research, python, web } = await team(muster);
  const task_id = await muster.create({ requirements: [python, web], routing: 'auto' });
  await muster.until(task_id, 'assigned');

  const { selected_agent } = await muster.call('route_task', { task_id });
  expect(selected_agent).toBe(research);
  const assigned = await muster.call('assign_task', { task_id, agent_id: research });
  expect(assigned).toMatchObject({ status: 'assigned', assigned_to: research, attempt: 1 });
});

test('section 4: without a capable agent, routing selects none and says what is missing', async ({ muster }) => {
  const { python } = await team(muster);
  const rust = muster.name('rust');
  const task_id = await muster.create({ requirements: [python, rust] });
  expect(await muster.call('route_task', { task_id })).toMatchObject({
    selected_agent: null,
    candidates: [],
    reason: expect.stringContaining(rust) as string,
  });
});

test('section 5: an agent polls its assigned tasks, starts and completes them', async ({ muster }) => {
  const { research, python, web } = await team(muster);
  const task_id = await muster.create({ requirements: [python, web], routing: 'auto' });
  await muster.until(task_id, 'assigned');

  const polled = await muster.call('poll_tasks', { agent_id: research, status: 'assigned', limit: 10 });
  expect(polled).toMatchObject({ count: 1, tasks: [{ task_id, status: 'assigned', content: 'something to do' }] });

  expect(await muster.call('start_task', { task_id })).toMatchObject({ status: 'running', assigned_to: research });
  await muster.call('complete_task', {
    task_id,
    result: 'Found 5 important patterns...',
    metrics: { duration_ms: 2500, rows_processed: 100 },
  });
  const completed = await muster.task(task_id);
  expect(completed).toMatchObject({
    status: 'completed',
    result: 'Found 5 important patterns...',
    metrics: { duration_ms: 2500, rows_processed: 100 },
    execution_duration_ms: 2500,
  });
  expect(completed.history.map((entry) => entry.status)).toEqual(['pending', 'assigned', 'running', 'completed']);
});

test('section 5: a failed task goes back to pending if it should be retried', async ({ muster }) => {
  const { research, python } = await team(muster);
  const task_id = await muster.create({ requirements: [python] });
  await muster.call('assign_task', { task_id, agent_id: research });
  await muster.call('start_task', { task_id });
  const failed = await muster.call('fail_task', { task_id, error: 'connection reset', should_retry: true });
  expect(failed).toMatchObject({ status: 'pending', assigned_to: null, retry_count: 1 });
  expect((await muster.task(task_id)).history.at(-1)).toMatchObject({
    status: 'pending',
    agent_id: research,
    attempt: 1,
  });
});

test('section 6: outcomes are reflected in the health of their agent', async ({ muster }) => {
  const { research, python } = await team(muster);
  const untried = await muster.call('get_agent_health', { agent_id: research });
  expect(untried).toMatchObject({ status: 'healthy', success_rate: 1, avg_completion_ms: 0, total_completed: 0 });

  for (const duration_ms of [1000, 2000, 3000]) {
    const task_id = await muster.create({ requirements: [python] });
    await muster.call('assign_task', { task_id, agent_id: research });
    await muster.call('start_task', { task_id });
    await muster.call('complete_task', { task_id, metrics: { duration_ms } });
  }
  const lost = await muster.create({ requirements: [python] });
  await muster.call('assign_task', { task_id: lost, agent_id: research });
  await muster.fail(lost);

  expect(await muster.call('get_agent_health', { agent_id: research })).toMatchObject({
    status: 'degraded',
    success_rate: 0.75,
    avg_completion_ms: 2000,
    total_completed: 3,
    total_failed: 1,
    max_concurrent_tasks: 5,
    load: 0,
  });
});

test('section 6: agent statistics count agents and their skills', async ({ muster }) => {
  const { python, web } = await team(muster);
  const statistics = await muster.call('get_agent_statistics', {});
  expect(statistics.total_agents).toBeGreaterThanOrEqual(2);
  expect(statistics.skill_distribution).toMatchObject({ [python]: 2, [web]: 1 });
});

test('section 7: tasks can be found by status and type, by agent and priority, and by time', async ({ muster }) => {
  const { research, python } = await team(muster);
  const type = muster.name('research');
  const [open, done] = await muster.create([
    { task_type: type, requirements: [python] },
    { task_type: type, requirements: [python], priority: 'high' },
  ]);
  await muster.call('assign_task', { task_id: done, agent_id: research });
  await muster.finish(done);
  await muster.settled();

  const idsOf = async (filter: InputOf<'query_tasks'>) => (await muster.find(filter)).map((task) => task.task_id);
  expect(await idsOf({ status: 'pending', task_type: type })).toEqual([open]);
  expect(await idsOf({ agent_id: research, priority: 'high' })).toEqual([done]);
  const weekAgo = Math.floor(Date.now() / 1000) - 7 * 24 * 3600;
  expect(await idsOf({ status: 'completed', created_after: weekAgo, task_type: type })).toEqual([done]);
});

test('section 8: an agent that learned a capability gets tasks that need it', async ({ muster }) => {
  const { research, python } = await team(muster);
  const learning = muster.name('machine_learning');
  const task_id = await muster.create({ content: 'Train ML model', requirements: [learning, python] });
  expect(await muster.call('route_task', { task_id })).toMatchObject({ selected_agent: null });

  const agent = await muster.call('learn_capability', { agent_id: research, capability: learning, confidence: 0.8 });
  expect(agent.capabilities).toContainEqual(
    expect.objectContaining({ name: learning, confidence: 0.8, source: 'learned' }),
  );
  expect(await muster.call('route_task', { task_id })).toMatchObject({
    selected_agent: research,
    candidates: [{ agent_id: research, confidence: 0.8 }],
  });
});

test('section 9: polling lists high priority first', async ({ muster }) => {
  const { research, python } = await team(muster);
  await muster.create({ requirements: [python], priority: 'low' });
  await muster.create({ requirements: [python] });
  const urgent = await muster.create({ content: 'Fix critical bug', requirements: [python], priority: 'high' });
  const { tasks } = await muster.call('poll_tasks', { agent_id: research, status: 'pending' });
  expect(tasks.map((task) => task.priority)).toEqual(['high', 'medium', 'low']);
  expect(tasks[0]?.task_id).toBe(urgent);
});

test('section 9: each step of a chain becomes ready when the previous one is completed', async ({ muster }) => {
  const step1 = await muster.create({ content: 'Step 1: Research', priority: 'high' });
  const step2 = await muster.create({ content: 'Step 2: Analyze', dependencies: [step1] });
  const step3 = await muster.create({ content: 'Step 3: Implement', dependencies: [step2] });
  expect(await muster.task(step2)).toMatchObject({ dependencies: [step1], status: 'waiting' });

  await muster.finish(step1);
  await muster.until(step2, 'pending');
  expect(await muster.status(step3)).toBe('waiting');
  await muster.finish(step2);
  await muster.until(step3, 'pending');
});
