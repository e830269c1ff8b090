/** No operation reads back what it has just written in order to respond. Counted at the edge. */
import { randomBytes } from 'node:crypto';
import { costOf } from '../support/cost.ts';
import { expect, test } from '../support/own-muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

/** 200 KB of incompressible text. */
const large = () => randomBytes(150 * 1024).toString('base64');

const readUnits = async (muster: TestMuster, request: () => Promise<unknown>) =>
  (await costOf(muster, request)).readUnits;

/**
 * The lowest cost of three runs, since a process reads cached data, such as the data format, with its first request.
 */
async function readUnitsWhenWarm(muster: TestMuster, request: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let n = 0; n < 3 && least > 0; n += 1) least = Math.min(least, await readUnits(muster, request));
  return least;
}

test('creating reads nothing, however large the content', async ({ muster }) => {
  const task = { content: large(), requirements: [muster.name('skill')], routing: 'manual' as const };
  expect(await readUnitsWhenWarm(muster, () => muster.call('create_task', task))).toBe(0);
  expect(await readUnitsWhenWarm(muster, () => muster.call('create_tasks', { tasks: [task, task] }))).toBe(0);
});

test('reports that end a hold read at most the task itself', async ({ muster }) => {
  const agent_id = await muster.agent('worker', undefined, { max_concurrent_tasks: 10 });
  const begin = async () => {
    const task_id = await muster.create({ content: large() });
    await muster.call('assign_task', { task_id, agent_id });
    await muster.call('start_task', { task_id });
    return { task_id, agent_id, attempt: 1 };
  };
  const [completing, failing, retried, released] = [await begin(), await begin(), await begin(), await begin()];
  const reports = {
    complete: () => muster.call('complete_task', { ...completing, result: large() }),
    'fail for good': () => muster.call('fail_task', { ...failing, error: 'e'.repeat(16_000), should_retry: false }),
    fail: () => muster.call('fail_task', { ...retried, error: 'e' }),
    release: () => muster.call('release_task', { ...released, reason: 'not me' }),
  };
  // An admin's report has to read the holder; a task's item is one unit.
  for (const [name, report] of Object.entries(reports)) {
    expect(await readUnits(muster, report), name).toBeLessThanOrEqual(1);
  }
});

test('registering and learning read only what they decide by, and nothing they wrote', async ({ muster }) => {
  const agent = { agent_id: muster.name('ada'), capabilities: [muster.name('skill')] };
  const learning = { agent_id: agent.agent_id, capability: muster.name('rust'), confidence: 0.5 };
  // The occupant of the id, and the profile.
  await muster.call('register_agent', agent);
  expect(await readUnitsWhenWarm(muster, () => muster.call('register_agent', agent))).toBeLessThanOrEqual(2);
  await muster.call('learn_capability', learning);
  expect(await readUnitsWhenWarm(muster, () => muster.call('learn_capability', learning))).toBeLessThanOrEqual(2);
});

test('a retry reads a large content once', async ({ muster }) => {
  const parent = await muster.create({});
  const retryable = async (content: string) => {
    const task_id = await muster.create({ content, dependencies: [parent] });
    await muster.call('cancel_task', { task_id });
    return () => muster.call('retry_task', { task_id });
  };
  const [small, big] = [await retryable('short'), await retryable(large())];
  // 150 KB of incompressible data in units of 8 KB: an eventually consistent read.
  const more = (await readUnits(muster, big)) - (await readUnits(muster, small));
  expect(more).toBeGreaterThan(15);
  expect(more).toBeLessThan(30);
});

test('a graph is written without reading its tasks', async ({ muster }) => {
  const outside = await muster.create({});
  const graph = (size: number) => ({
    tasks: Array.from({ length: size }, (_, n) => ({
      key: `task-${n}`,
      content: 'one of many',
      requirements: [muster.name('skill')],
      dependencies: n === 0 ? [outside] : [`task-${n - 1}`],
    })),
  });
  await muster.call('submit_graph', graph(1));
  const [one, many] = [
    await readUnitsWhenWarm(muster, () => muster.call('submit_graph', graph(1))),
    await readUnitsWhenWarm(muster, () => muster.call('submit_graph', graph(40))),
  ];
  expect(many).toBe(one);
  // Its only external dependency is read before anything is written and, consistently, after its edges.
  expect(one).toBe(1.5);
});

test('a list reads no content, since titles are in the tasks themselves', async ({ muster }) => {
  const [small, big] = muster.names('small', 'big');
  await muster.create([{ task_type: small }, { task_type: big, content: `A title\n${large()}` }]);
  const list = (task_type: string) => () => muster.call('query_tasks', { task_type, status: 'pending' });
  expect(await readUnitsWhenWarm(muster, list(big))).toBe(await readUnitsWhenWarm(muster, list(small)));
});
