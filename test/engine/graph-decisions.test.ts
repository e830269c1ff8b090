import { expect, test } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import { cancelGraph } from '#shared/operations/graphs/cancel-graph.ts';
import { getGraph } from '#shared/operations/graphs/get-graph.ts';
import { retryGraph } from '#shared/operations/graphs/retry-graph.ts';
import { submitGraph } from '#shared/operations/graphs/submit-graph.ts';
import { cancelTask } from '#shared/operations/tasks/cancel-task.ts';
import { retryTask } from '#shared/operations/tasks/retry-task.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { failTask } from '#shared/operations/work/fail-task.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { holdFirst, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { day } from '../support/tasks.ts';
import { refusalCode, TestPorts } from '../support/test-ports.ts';

type Task = { key: string } & Record<string, unknown>;

const chain = (more: Record<string, unknown> = {}): Task[] => [
  { key: 'a', max_attempts: 1 },
  { key: 'b', dependencies: ['a'], ...more },
  { key: 'c', dependencies: ['b'], ...more },
];

describeOnEngine('a decision about a graph', createMusterTables, (context) => {
  /** Submits a graph and returns its tasks' statuses by key. */
  async function submit(ports: TestPorts, tasks: readonly Task[]) {
    const input = { tasks: tasks.map((task) => ({ content: task.key, routing: 'manual', ...task })) };
    const answer = (await ports.perform(submitGraph, input)) as { graph_id: string; tasks: Record<string, string> };
    return graphOf(ports, answer.graph_id, answer.tasks);
  }
  function graphOf(ports: TestPorts, graph_id: string, ids: Record<string, string>) {
    const id = (key: string) => ids[key] ?? key;
    return {
      graph_id,
      id,
      task: (key: string) => ports.task(id(key)),
      statuses: async () => {
        const all = await Promise.all(Object.keys(ids).map(async (key) => [key, (await ports.task(id(key))).status]));
        return Object.fromEntries(all) as Record<string, string>;
      },
      cancel: (more = {}, by = ports) => by.perform(cancelGraph, { graph_id, ...more }),
      retry: (by = ports) => by.perform(retryGraph, { graph_id }),
      look: () => ports.perform(getGraph, { graph_id }),
    };
  }
  const five: Task[] = ['a', 'b', 'c', 'd', 'e'].map((key) => ({ key }));
  const died = () => Promise.resolve(awsError('AccessDeniedException', 'The process has died.'));
  /** From now on, every task write fails except for some, as if the process died in the middle of its work. */
  const dieAt = (isSpared: (text: string) => boolean) =>
    context.edge.intercept((call, next) =>
      updates('"T"')(call) && !isSpared(JSON.stringify(call.body['Key'])) ? died() : next(),
    );
  const later = async (ports: TestPorts) => {
    ports.clock.advance('2m');
    expect(await sweep(ports, () => true)).toEqual([]);
  };

  test('cancels what has not ended, frees the slots, and returns the number', async () => {
    const ports = new TestPorts(context);
    await ports.register('worker');
    const graph = await submit(ports, [...five, { key: 'f', dependencies: ['a'] }]);
    for (const key of ['a', 'b']) await ports.give(await graph.task(key), 'worker');
    await ports.perform(completeTask, { task_id: graph.id('a') });

    expect(await graph.cancel({ reason: 'not needed' })).toEqual({
      graph_id: graph.graph_id,
      changed: 5,
      remaining: 0,
    });
    const cancelled = { b: 'cancelled', c: 'cancelled', d: 'cancelled', e: 'cancelled', f: 'cancelled' };
    expect(await graph.statuses()).toEqual({ a: 'completed', ...cancelled });
    expect((await graph.task('c')).log.at(-1)).toMatchObject({ cause: 'cancelled', reason: 'not needed' });
    expect((await ports.agent('worker')).inbox).toEqual({});
    expect(await graph.cancel()).toMatchObject({ changed: 0, remaining: 0 });
    expect(await ports.graphs.unfinished(ports.clock.now() + 1, 10)).toEqual([]);
  });

  test('is refused for an unknown graph, as is a retry of one that is too old', async () => {
    const ports = new TestPorts(context);
    expect(await refusalCode(ports.perform(cancelGraph, { graph_id: 'none' }))).toBe('graph_not_found');
    const graph = await submit(ports, five);
    await graph.cancel();
    ports.clock.advance(181 * day);
    expect(await refusalCode(graph.retry())).toBe('not_retryable');
  });

  test('that retries brings back failed tasks and those cancelled because of them, all at once', async () => {
    const ports = new TestPorts(context);
    await ports.register('worker');
    const graph = await submit(ports, chain({ on_dependency_failure: 'cancel' }));
    await ports.give(await graph.task('a'), 'worker');
    await ports.perform(failTask, { task_id: graph.id('a'), error: 'x' });
    for (const key of ['b', 'c']) await ports.perform(cancelTask, { task_id: graph.id(key) });

    expect(await graph.retry()).toMatchObject({ changed: 3, remaining: 0 });
    expect(await graph.statuses()).toEqual({ a: 'pending', b: 'waiting', c: 'waiting' });
    expect([(await graph.task('b')).failed, (await graph.task('c')).failed]).toEqual([[], []]);
    expect(await graph.retry()).toMatchObject({ changed: 0, remaining: 0 });
  });

  test('is shown until it is carried out, by the sweep if the request has died', async () => {
    const ports = new TestPorts(context);
    const graph = await submit(ports, five);
    const recover = dieAt((key) => key.includes(graph.id('b')));
    await expect(graph.cancel()).rejects.toThrow('died');
    recover();
    expect(await graph.look()).toMatchObject({ under_way: 'cancel', is_settled: false, counts: { cancelled: 1 } });
    // The process that made the decision may still be carrying it out.
    ports.clock.advance('30s');
    await sweep(ports, () => true);
    expect(await graph.look()).toMatchObject({ under_way: 'cancel', counts: { cancelled: 1 } });

    await later(ports);
    expect(await graph.look()).toMatchObject({ is_settled: true, counts: { cancelled: 5 } });
    expect(await graph.look()).not.toHaveProperty('under_way');
  });

  test('that is repeated while it runs counts the changes of both', async () => {
    const ports = new TestPorts(context);
    const graph = await submit(ports, five);
    const recover = dieAt((key) => key.includes(graph.id('b')));
    await expect(graph.cancel()).rejects.toThrow('died');
    recover();
    expect(await graph.cancel()).toMatchObject({ changed: 5, remaining: 0 });
  });

  test('cancels a partly written graph as a whole', async () => {
    const ports = new TestPorts(context);
    const recover = dieAt(() => false);
    const key = { tasks: chain().map((task) => ({ content: task.key, ...task })), idempotency_key: 'key' };
    await expect(ports.perform(submitGraph, key)).rejects.toThrow('died');
    recover();
    const [graph_id = ''] = await ports.graphs.unfinished(ports.clock.now() + 1, 10);
    expect(await ports.perform(cancelGraph, { graph_id })).toMatchObject({ changed: 3, remaining: 0 });
    const { tasks } = (await ports.perform(submitGraph, key)) as { tasks: Record<string, string> };
    expect(new Set(Object.values(await graphOf(ports, graph_id, tasks).statuses()))).toEqual(new Set(['cancelled']));
    expect(await ports.graphs.unfinished(ports.clock.now() + 1, 10)).toEqual([]);
  });

  test('does not affect a task that is retried in the meantime', async () => {
    const ports = new TestPorts(context);
    const graph = await submit(ports, five);
    const recover = dieAt((key) => key.includes(graph.id('b')));
    await expect(graph.cancel()).rejects.toThrow('died');
    recover();
    await ports.perform(retryTask, { task_id: graph.id('b') });
    await later(ports);
    const cancelled = { a: 'cancelled', c: 'cancelled', d: 'cancelled', e: 'cancelled' };
    expect(await graph.statuses()).toEqual({ ...cancelled, b: 'pending' });
    expect(await graph.cancel()).toMatchObject({ changed: 1 });
  });

  test('does not affect a task that is cancelled while the others are retried', async () => {
    const ports = new TestPorts(context);
    const graph = await submit(ports, five);
    await graph.cancel();
    const recover = dieAt((key) => key.includes(graph.id('b')));
    await expect(graph.retry()).rejects.toThrow('died');
    recover();
    await ports.perform(cancelTask, { task_id: graph.id('b') });
    await later(ports);
    expect(await graph.statuses()).toEqual({ a: 'pending', b: 'cancelled', c: 'pending', d: 'pending', e: 'pending' });
  });

  test('follows the previous one: a retry finishes a cancellation first', async () => {
    const ports = new TestPorts(context);
    const graph = await submit(ports, five);
    const recover = dieAt((key) => key.includes(graph.id('b')));
    await expect(graph.cancel()).rejects.toThrow('died');
    recover();
    expect(await graph.retry()).toMatchObject({ changed: 5, remaining: 0 });
    expect(new Set(Object.values(await graph.statuses()))).toEqual(new Set(['pending']));
  });

  test('changes nothing if carried out late, after another one', async () => {
    const ports = new TestPorts(context);
    const graph = await submit(ports, [{ key: 'a' }]);
    const late = holdFirst(context.edge, updates('"cancelled"'));
    const first = graph.cancel({}, ports.another());
    await expect.poll(async () => (await ports.graphs.head(graph.graph_id))?.decided).toBe(1);
    expect(await graph.cancel()).toMatchObject({ changed: 1 });
    expect(await graph.retry()).toMatchObject({ changed: 1 });
    await late.release();
    await first;
    expect(await graph.statuses()).toEqual({ a: 'pending' });
  });
});
