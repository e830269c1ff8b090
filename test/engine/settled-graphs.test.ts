import { expect, test } from 'vitest';
import { awsAnswer } from '#local/edge/call.ts';
import { getGraph } from '#shared/operations/graphs/get-graph.ts';
import { submitGraph } from '#shared/operations/graphs/submit-graph.ts';
import { retryTask } from '#shared/operations/tasks/retry-task.ts';
import { failTask } from '#shared/operations/work/fail-task.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('a graph is not settled', createMusterTables, (context) => {
  async function submit(ports: TestPorts, tasks: readonly { key: string; dependencies?: string[] }[]) {
    const input = { tasks: tasks.map((task) => ({ content: task.key, routing: 'manual', max_attempts: 1, ...task })) };
    const { graph_id, tasks: ids } = (await ports.perform(submitGraph, input)) as {
      graph_id: string;
      tasks: Record<string, string>;
    };
    return { id: (key: string) => ids[key] ?? '', look: () => ports.perform(getGraph, { graph_id }) };
  }
  const fail = async (ports: TestPorts, task_id: string) => {
    await ports.give(await ports.task(task_id), 'worker');
    await ports.perform(failTask, { task_id, error: 'x', should_retry: false });
    await releaseDependents(ports, { id: task_id, status: 'failed' });
  };
  /** The process dies before it updates the dependents. */
  const retryAndComplete = async (ports: TestPorts, task_id: string) => {
    await ports.perform(retryTask, { task_id });
    await ports.completeAndDie(await ports.give(await ports.task(task_id), 'worker'));
  };

  test('by a read so old that its tasks are missing', async () => {
    const ports = new TestPorts(context);
    const graph = await submit(ports, [{ key: 'a' }, { key: 'b' }]);
    context.edge.intercept((call, next) =>
      call.action === 'BatchGetItem' && !JSON.stringify(call.body).includes('"ConsistentRead":true')
        ? Promise.resolve(awsAnswer(200, { Responses: {}, UnprocessedKeys: {} }))
        : next(),
    );
    expect(await graph.look()).toMatchObject({ is_settled: false, counts: { pending: 2 } });
  });

  test.for([
    { where: 'of its own', outside: false },
    { where: 'outside of it', outside: true },
  ])('if the dependency $where that blocked a task has completed after all', async ({ outside }) => {
    const ports = new TestPorts(context);
    await ports.register('worker');
    const other = (await ports.create({ max_attempts: 1 })).id;
    const graph = outside
      ? await submit(ports, [{ key: 'b', dependencies: [other] }])
      : await submit(ports, [{ key: 'a' }, { key: 'b', dependencies: ['a'] }]);
    const dependency = outside ? other : graph.id('a');
    await fail(ports, dependency);
    expect(await graph.look()).toMatchObject({ is_settled: true, counts: { blocked: 1 } });

    await retryAndComplete(ports, dependency);
    expect(await graph.look()).toMatchObject({ is_settled: false, counts: { blocked: 1 } });
    await releaseDependents(ports, { id: dependency, status: 'completed' });
    expect(await graph.look()).toMatchObject({ is_settled: false, counts: { pending: 1 } });
  });
});
