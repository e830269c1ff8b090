/** What an operator sees: batches, routing statistics, health, recommendations. */
import { expect, test } from '../support/own-muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

type Recommendation = Awaited<ReturnType<typeof recommendations>>[number];

async function recommendations(muster: TestMuster) {
  await muster.settled();
  return (await muster.call('get_recommendations', {})).recommendations;
}

/** The recommendation with this code; tests of this file also see each other's. */
async function recommended(muster: TestMuster, code: Recommendation['code']): Promise<Recommendation[]> {
  return (await recommendations(muster)).filter((one) => one.code === code);
}

test('an empty system is healthy and has no recommendations', async ({ muster }) => {
  // The first test of the file, on the file's own Muster.
  await muster.local.settled();
  const routing = { total_tasks: 0, assigned_count: 0, assignment_rate: 1, should_rebalance: false, skew: 0 };
  expect(await muster.call('get_health', {})).toMatchObject({
    status: 'healthy',
    reasons: [],
    queue: { total: 0, success_rate: 1 },
    agents: { total_agents: 0, avg_success_rate: 1 },
    routing,
  });
  expect(await muster.call('get_routing_statistics', {})).toEqual(routing);
  expect(await recommendations(muster)).toEqual([]);
});

test('a working system is healthy', async ({ muster }) => {
  await muster.agent('worker', undefined, { max_concurrent_tasks: 4 });
  const task_id = await muster.create({ routing: 'auto' });
  await muster.until(task_id, 'assigned');
  expect(await muster.call('get_health', {})).toMatchObject({ status: 'healthy', reasons: [] });
  expect(await recommendations(muster)).toEqual([]);
  await muster.finish(task_id);
});

test('unevenly used agents with a common capability are reported as imbalanced', async ({ muster }) => {
  const [busy, idle] = [
    await muster.agent('busy', undefined, { max_concurrent_tasks: 1 }),
    await muster.agent('idle', undefined, { max_concurrent_tasks: 1 }),
  ];
  const task_id = await muster.create({});
  await muster.settled();
  const before = await muster.call('get_routing_statistics', {});
  await muster.call('assign_task', { task_id, agent_id: busy });
  await muster.settled();
  const uneven = await muster.call('get_routing_statistics', {});
  expect(uneven).toMatchObject({
    total_tasks: before.total_tasks,
    assigned_count: before.assigned_count + 1,
    assignment_rate: expect.closeTo((before.assigned_count + 1) / before.total_tasks) as number,
    should_rebalance: true,
    skew: 1,
  });
  expect(await recommended(muster, 'imbalance')).toMatchObject([
    {
      message: expect.stringContaining(muster.name('skill')) as string,
      evidence: { skew: 1, capability: muster.name('skill') },
    },
  ]);

  const other = await muster.create({});
  await muster.call('assign_task', { task_id: other, agent_id: idle });
  expect(await muster.call('get_routing_statistics', {})).toMatchObject({ should_rebalance: false, skew: 0 });
  expect(await recommended(muster, 'imbalance')).toEqual([]);
  for (const held of [task_id, other]) await muster.finish(held);
});

test('more than ten ready tasks per slot are reported as a deep queue', async ({ muster }) => {
  await muster.agent('worker', undefined, { max_concurrent_tasks: 1 });
  expect(await recommended(muster, 'deep_queue')).toEqual([]);
  const { agents } = await muster.call('find_agents', { limit: 100 });
  const slots = agents.reduce((sum, agent) => sum + agent.max_concurrent_tasks, 0);
  const { pending } = await muster.call('get_queue_statistics', {});
  const task = { content: 'waits', routing: 'manual' as const, requirements: [muster.name('skill')] };
  const tasks = Array.from({ length: 10 * slots + 1 - pending }, () => task);
  const { results } = await muster.call('create_tasks', { tasks });
  expect(await recommended(muster, 'deep_queue')).toMatchObject([{ evidence: { pending: 10 * slots + 1, slots } }]);
  // It is a recommendation, not a health problem.
  expect(await muster.call('get_health', {})).toMatchObject({ status: 'healthy' });

  for (const result of results)
    if ('task' in result) await muster.call('cancel_task', { task_id: result.task.task_id });
  expect(await recommended(muster, 'deep_queue')).toEqual([]);
});

test('an agent that fails often is reported, once there is enough evidence', async ({ muster }) => {
  const agent_id = await muster.agent('clumsy');
  const outcomes = [true, true, true, false];
  for (const success of outcomes) {
    await muster.call('update_agent_performance', { agent_id, success, duration_ms: 10 });
  }
  expect(await recommended(muster, 'low_success')).toEqual([]);
  await muster.call('update_agent_performance', { agent_id, success: true, duration_ms: 10 });
  const [low] = await recommended(muster, 'low_success');
  expect(low).toMatchObject({ evidence: { success_rates: { [agent_id]: 0.8 } } });
  expect(await muster.call('get_health', {})).toMatchObject({ status: 'degraded', reasons: [low?.message] });
  await muster.call('deregister_agent', { agent_id });
  expect(await muster.call('get_health', {})).toMatchObject({ status: 'healthy', reasons: [] });
});

test('ready work that no agent can do is reported with what is missing', async ({ muster }) => {
  const [python, cobol, ada] = muster.names('python', 'cobol', 'ada');
  await muster.agent('pythonist', [python]);
  await muster.agent('countess', [ada]);
  const missing = await muster.create({ requirements: [python, cobol] });
  const divided = await muster.create({ requirements: [python, ada] });
  const found = await recommended(muster, 'no_capable_agent');
  const about = (task_id: string) => found.find(({ evidence }) => evidence['task_id'] === task_id);
  expect(found).toHaveLength(2);
  expect(about(missing)).toMatchObject({
    message: expect.stringContaining(`no agent has ${cobol}`) as string,
    evidence: { requirements: [cobol, python], missing_capabilities: [cobol] },
  });
  expect(about(divided)).toMatchObject({
    message: expect.stringContaining('no single agent has all of') as string,
    evidence: { requirements: [ada, python], missing_capabilities: [] },
  });
  const { status, reasons } = await muster.call('get_health', {});
  expect([status, reasons.toSorted()]).toEqual(['degraded', found.map(({ message }) => message).sort()]);
  for (const task_id of [missing, divided]) await muster.call('cancel_task', { task_id });
});

test('a task ready for ten minutes and agents that are not responding are reported', async ({ muster }) => {
  const agent_id = await muster.agent('silent');
  const task_id = await muster.create({});
  await muster.clock.advance('601s');
  const [old] = await recommended(muster, 'old_ready_task');
  expect(old?.evidence['oldest_pending_seconds']).toBeCloseTo(601, -2);
  const [stale] = await recommended(muster, 'stale_agents');
  expect(stale?.evidence['agents']).toContain(agent_id);
  expect(await muster.call('get_health', {})).toMatchObject({
    status: 'degraded',
    reasons: [expect.stringContaining('not responding'), expect.stringContaining('10 minutes')],
  });

  await muster.call('heartbeat_agent', { agent_id });
  expect((await recommended(muster, 'stale_agents'))[0]?.evidence['agents']).not.toContain(agent_id);
  await muster.finish(task_id);
  await muster.settled();
  // Without work, agents may be silent.
  expect(await muster.call('get_health', {})).toMatchObject({ status: 'healthy', reasons: [] });
});

test('tasks of a batch are created or refused individually, with results in order', async ({ muster }) => {
  const parent = await muster.create({});
  const make = (content: string, more: object = {}) => ({
    content,
    routing: 'manual' as const,
    requirements: [muster.name('skill')],
    ...more,
  });
  const idempotency_key = muster.name('key');
  const first = make('first', { idempotency_key });
  const create = async (...tasks: ReturnType<typeof make>[]) => (await muster.call('create_tasks', { tasks })).results;

  const unknown = make('second', { dependencies: [muster.name('unknown')] });
  const results = await create(first, unknown, make('third', { dependencies: [parent] }));
  expect(results).toMatchObject([
    { task: { content: 'first', status: 'pending' } },
    { error: { status: 422, code: 'unknown_dependency' } },
    { task: { content: 'third', status: 'waiting', dependencies: [parent] } },
  ]);

  const more = Array.from({ length: 20 }, (_, n) => make(`more ${n}`));
  const [again, mismatch, ...rest] = await create(first, make('another first', { idempotency_key }), ...more);
  expect(again).toEqual(results[0]);
  expect(mismatch).toMatchObject({ error: { status: 422, code: 'idempotency_mismatch' } });
  expect(rest).toMatchObject(more.map(({ content }) => ({ task: { content } })));
});

test('a batch with one invalid task is refused as a whole', async ({ muster }) => {
  const task_type = muster.name('batch');
  const tasks = [
    { content: 'fine', task_type },
    { content: '', task_type },
  ];
  const refusal = await muster.refusal('create_tasks', { tasks });
  expect(refusal).toMatchObject({ status: 422, code: 'invalid_input', errors: [{ pointer: '/tasks/1/content' }] });
  expect(await muster.find({ task_type })).toEqual([]);
});
