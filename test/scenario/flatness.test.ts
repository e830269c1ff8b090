/** Frequent requests cost the same with a large backlog as with a small one. */
import { costOf } from '../support/cost.ts';
import { expect, test } from '../support/own-muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

const batch = 100;

/** Creates this many pending tasks in one lane. */
async function grow(muster: TestMuster, by: number): Promise<void> {
  const task = { content: 'waits', routing: 'manual' as const, requirements: [muster.name('skill')] };
  for (let n = 0; n < by; n += batch) {
    await muster.call('create_tasks', { tasks: Array.from({ length: batch }, () => task) });
  }
}

test(
  'pages, polls, claims and statistics cost the same with 1,500 waiting tasks as with 100',
  { timeout: 120_000 },
  async ({ muster }) => {
    const agent_id = await muster.agent('worker', undefined, { max_concurrent_tasks: 12 });
    await grow(muster, batch);
    const { tasks: first } = await muster.call('claim_tasks', { agent_id, limit: 10 });
    for (const { task_id } of first) await muster.finish(task_id);
    const held = await muster.call('claim_tasks', { agent_id, limit: 2 });
    const holding = held.tasks.map(({ task_id, attempt }) => ({ task_id, attempt }));
    const claimed: string[] = [];
    const requests = {
      'page of a status': () => muster.call('query_tasks', { status: 'pending', limit: 10 }),
      'page of an ended status': () => muster.call('query_tasks', { status: 'completed', limit: 10 }),
      'page of an agent': () => muster.call('query_tasks', { agent_id, limit: 10 }),
      'poll of what could be done': () => muster.call('poll_tasks', { agent_id, status: 'pending' }),
      'poll of what is held': () => muster.call('poll_tasks', { agent_id, status: 'running' }),
      'queue statistics': () => muster.call('get_queue_statistics', {}),
      'routing statistics': () => muster.call('get_routing_statistics', {}),
      claim: async () => {
        const { tasks } = await muster.call('claim_tasks', { agent_id, holding });
        claimed.push(...tasks.map((task) => task.task_id));
      },
    };
    const measure = async () => {
      const costs: Record<string, { readUnits: number; calls: number }> = {};
      for (const [name, request] of Object.entries(requests)) {
        // What a function reads only occasionally is not the cost of a request.
        await request();
        for (const task_id of claimed.splice(0)) await muster.finish(task_id);
        costs[name] = await costOf(muster, request);
      }
      expect(claimed).toHaveLength(1);
      for (const task_id of claimed.splice(0)) await muster.finish(task_id);
      return costs;
    };
    const small = await measure();
    await grow(muster, 1400);
    const large = await measure();
    await muster.settled();
    expect((await muster.call('get_queue_statistics', {})).pending).toBeGreaterThanOrEqual(1480);
    expect(large).toEqual(small);
    expect(Object.values(small).every(({ readUnits }) => readUnits > 0)).toBe(true);
  },
);

test('a claim that lists what is held reads hardly more with 80 tasks than with one', async ({ muster }) => {
  type Holding = { task_id: string; attempt: number; hold: string }[];
  const claim = async (agent_id: string, holding: Holding, limit = 1) => {
    const { tasks } = await muster.call('claim_tasks', { agent_id, limit, holding });
    holding.push(...tasks.map(({ task_id, attempt, hold }) => ({ task_id, attempt, hold })));
  };
  const agentWith = async (size: number) => {
    const requirements = [muster.name(`skill-${size}`)];
    const agent = await muster.agent(`holds-${size}`, requirements, { max_concurrent_tasks: 100 });
    const task = { content: 'to be held', routing: 'manual' as const, requirements };
    await muster.call('create_tasks', { tasks: Array.from({ length: size + 4 }, () => task) });
    const holding: Holding = [];
    while (holding.length < size) await claim(agent, holding, Math.min(10, size - holding.length));
    return { claim: () => claim(agent, holding), holding };
  };
  const [few, many] = [await agentWith(1), await agentWith(80)];
  // Every 30 seconds all are read, whatever the caller knows: now, so not during the measurement.
  await muster.clock.advance('31s');
  for (const agent of [few, many]) await agent.claim();
  const reads = async (agent: typeof few) => (await costOf(muster, agent.claim)).readUnits;
  expect((await reads(many)) / (await reads(few))).toBeLessThanOrEqual(1.4);
  expect([few.holding.length, many.holding.length]).toEqual([3, 82]);

  await muster.clock.advance('31s');
  expect(await reads(many)).toBeGreaterThan(80);
});

test('a filter without matches takes few calls, even with a small page', async ({ muster }) => {
  await grow(muster, 500);
  const request = () => muster.call('query_tasks', { status: 'pending', task_type: muster.name('nothing'), limit: 1 });
  await request();
  const { calls } = await costOf(muster, request);
  expect(calls).toBeLessThan(40);
});
