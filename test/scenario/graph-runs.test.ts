/** Running graphs: many tasks and agents, and requests that die between the commit and the last task. */
import { onTestFinished } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import * as faults from '../support/faults.ts';
import { expect, test } from '../support/moved-muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

const layers = 6;
const width = 10;

/** Layers of tasks, each of which depends on two of the previous layer. */
const layered = (muster: TestMuster) =>
  Array.from({ length: layers * width }, (_, n) => {
    const [layer, place] = [Math.floor(n / width), n % width];
    const before = layer === 0 ? [] : [0, 7].map((step) => `k${layer - 1}-${(place + step) % width}`);
    const requirements = [muster.name('skill')];
    return { key: `k${layer}-${place}`, content: `task ${n}`, requirements, dependencies: before };
  });

test(
  'a graph of 60 tasks is completed by several agents, each task once and after its dependencies',
  { timeout: 120_000 },
  async ({ muster }) => {
    const agents = await Promise.all(
      ['ada', 'bob', 'carl', 'dora'].map((name) => muster.agent(name, undefined, { max_concurrent_tasks: 10 })),
    );
    const { graph_id = '' } = await muster.call('submit_graph', { tasks: layered(muster) });
    const completed: string[] = [];
    const claimAndComplete = async (agent_id: string) => {
      const { tasks } = await muster.call('claim_tasks', { agent_id, limit: 10 });
      for (const { dependencies } of tasks) expect(dependencies.filter((id) => !completed.includes(id))).toEqual([]);
      completed.push(...tasks.map(({ task_id }) => task_id));
      await Promise.all(
        tasks.map(({ task_id, attempt }) => muster.call('complete_task', { task_id, agent_id, attempt })),
      );
      return tasks.length;
    };
    while (completed.length < layers * width) {
      const claimed = await Promise.all(agents.map(claimAndComplete));
      if (claimed.every((count) => count === 0)) await muster.settled();
    }
    await muster.settled();

    const { counts, done_fraction, is_settled, tasks } = await muster.call('get_graph', { graph_id });
    expect({ completed: counts.completed, done_fraction, is_settled }).toEqual({
      completed: layers * width,
      done_fraction: 1,
      is_settled: true,
    });
    expect(new Set(completed).size).toBe(completed.length);
    expect(tasks.every((task) => task.attempt === 1)).toBe(true);
    for (const agent_id of agents) expect((await muster.call('get_agent', { agent_id })).load).toBe(0);
  },
);

/** Submits a graph whose request dies after the commit; only tasks whose content contains the word are written. */
async function dyingRequest(muster: TestMuster, written: string) {
  const requirements = [muster.name('skill')];
  const input = {
    tasks: [
      { key: 'root', content: 'early root' },
      { key: 'left', content: 'late left', dependencies: ['root'] },
      { key: 'right', content: 'late right', dependencies: ['root'] },
      { key: 'end', content: 'late end', dependencies: ['left', 'right'] },
    ].map((task) => ({ ...task, routing: 'manual' as const, requirements })),
    idempotency_key: muster.name('key'),
  };
  let graph_id = '';
  const isAfterTheCommit = (call: Parameters<typeof faults.isWrite>[0]) => {
    const { Key, Item } = call.body as Record<string, { pk?: { S: string }; sk?: { S: string } } | undefined>;
    if (Item?.sk?.S === 'G') graph_id = Item.pk?.S.slice(2) ?? '';
    return graph_id !== '' && (Key ?? Item)?.sk?.S === 'T' && ['PutItem', 'UpdateItem'].includes(call.action);
  };
  const fault = faults.refuse(
    (call) => isAfterTheCommit(call) && !JSON.stringify(call.body).includes(written),
    Infinity,
    awsError('AccessDeniedException', 'The process has died.'),
  );
  const recover = muster.local.edge.intercept(fault.hook);
  onTestFinished(recover);
  expect(await muster.refusal('submit_graph', input)).toMatchObject({ status: 500 });
  expect(fault.happened()).toBeGreaterThan(0);
  recover();
  return { graph_id, submitAgain: () => muster.call('submit_graph', input) };
}

/** Completes the tasks of a graph in the order in which they become ready. */
async function runToItsEnd(muster: TestMuster, graph_id: string): Promise<void> {
  for (const key of ['root', 'left', 'right', 'end']) {
    const { tasks } = await muster.call('get_graph', { graph_id });
    const { task_id = '', status } = tasks.find((task) => task.key === key) ?? {};
    if (status === 'completed') continue;
    await muster.until(task_id, 'pending');
    await muster.finish(task_id);
  }
  expect(await muster.call('get_graph', { graph_id })).toMatchObject({ done_fraction: 1, is_settled: true });
}

test('a graph whose request died after the commit is completed by the sweep', async ({ muster }) => {
  const { graph_id } = await dyingRequest(muster, 'nothing of it');
  expect(await muster.call('get_graph', { graph_id })).toMatchObject({ total: 4, tasks: [], is_settled: false });

  await muster.clock.advance('2m');
  await muster.fire('sweep');
  await muster.settled();
  const { counts } = await muster.call('get_graph', { graph_id });
  expect(counts).toMatchObject({ pending: 1, waiting: 3 });
  await runToItsEnd(muster, graph_id);
});

test('a dependency that completed before its dependents were written still releases them', async ({ muster }) => {
  const { graph_id } = await dyingRequest(muster, 'early');
  const { tasks } = await muster.call('get_graph', { graph_id });
  expect(tasks.map((task) => [task.key, task.status])).toEqual([['root', 'pending']]);
  await muster.finish(tasks[0]?.task_id ?? '');
  await muster.settled();
  expect(await muster.call('get_graph', { graph_id })).toMatchObject({
    done_fraction: 0.25,
    is_settled: false,
  });

  await muster.clock.advance('2m');
  await muster.fire('sweep');
  await muster.settled();
  expect((await muster.call('get_graph', { graph_id })).counts).toMatchObject({ completed: 1, pending: 2, waiting: 1 });
  await runToItsEnd(muster, graph_id);
});

test('a repeated request completes a graph whose first request died', async ({ muster }) => {
  const { graph_id, submitAgain } = await dyingRequest(muster, 'early');
  expect((await submitAgain()).graph_id).toBe(graph_id);
  expect((await muster.call('get_graph', { graph_id })).counts).toMatchObject({ pending: 1, waiting: 3 });
  await runToItsEnd(muster, graph_id);
});
