/** Dependencies with their own policies: the effect of each failure is decided in the write that records it. */
import { expect, test } from 'vitest';
import type { AwsCall } from '#local/edge/edge.ts';
import { awsError } from '#local/edge/call.ts';
import { cancelTask } from '#shared/operations/tasks/cancel-task.ts';
import { retryTasks } from '#shared/operations/tasks/retry-tasks.ts';
import { retryTask } from '#shared/operations/tasks/retry-task.ts';
import type { Implementation } from '#shared/operations/implement.ts';
import { retryGraph } from '#shared/operations/graphs/retry-graph.ts';
import { submitGraph } from '#shared/operations/graphs/submit-graph.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { hour } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

interface Submitted {
  graph_id: string;
  tasks: Record<string, string>;
}

const tell = async (ports: TestPorts, id: string) => releaseDependents(ports, await ports.task(id));

describeOnEngine('a task whose dependencies have different policies', createMusterTables, (context) => {
  async function family(ports: TestPorts) {
    const [build, audit, lint] = [(await ports.create()).id, (await ports.create()).id, (await ports.create()).id];
    const dependencies = [
      build,
      { task_id: audit, on_failure: 'cancel' as const },
      { task_id: lint, on_failure: 'run_anyway' as const },
    ];
    const child = (await ports.create({ dependencies })).id;
    const end = (id: string) => ports.perform(cancelTask, { task_id: id });
    return { build, audit, lint, child, end, state: () => ports.task(child) };
  }

  test('is not cancelled by one that is retried before the write, and stays blocked by the other', async () => {
    const ports = new TestPorts(context);
    const { build, audit, child, end, state } = await family(ports);
    await end(build);
    await tell(ports, build);
    await end(audit);
    const cancelsChild = (call: AwsCall) => updates(`T#${child}`)(call) && updates('cancelled')(call);
    let wasTried = false;
    beforeCall(context.edge, cancelsChild, async () => {
      wasTried = true;
      await ports.another().perform(retryTask, { task_id: audit });
      await tell(ports.another(), audit);
    });
    await tell(ports, audit);
    expect(wasTried).toBe(true);
    expect(await state()).toMatchObject({ status: 'blocked', failed: [0] });
    await end(audit);
    await tell(ports, audit);
    expect(await state()).toMatchObject({ status: 'cancelled', failed: [0, 1] });
  });

  test('learns through checks alone what each failure means', async () => {
    const ports = new TestPorts(context);
    const { build, audit, lint, end, state } = await family(ports);
    const check = async () => {
      ports.clock.advance(2 * hour);
      expect(await sweep(ports, () => true)).toEqual([]);
      return state();
    };
    await end(lint);
    expect(await check()).toMatchObject({ status: 'waiting', done: [2], failed: [] });
    await end(build);
    expect(await check()).toMatchObject({ status: 'blocked', done: [2], failed: [0] });
    await ports.perform(retryTask, { task_id: build });
    expect(await check()).toMatchObject({ status: 'waiting', done: [2], failed: [] });
    await end(audit);
    expect(await check()).toMatchObject({ status: 'cancelled', log: [{}, {}, { cause: 'dependency_failed' }] });
  });

  test('in a graph written late sees what they did meanwhile', async () => {
    const ports = new TestPorts(context);
    const [audit, lint] = [(await ports.create()).id, (await ports.create()).id];
    const task = { content: 'work', routing: 'manual' as const };
    const tolerated = { task_id: lint, on_failure: 'run_anyway' as const };
    const tasks = [
      { ...task, key: 'a' },
      { ...task, key: 'b', dependencies: [{ key: 'a', on_failure: 'block' as const }, tolerated] },
      { ...task, key: 'c', dependencies: ['a', tolerated, { task_id: audit, on_failure: 'cancel' as const }] },
    ];
    const restore = context.edge.intercept((call, next) =>
      updates('"T"')(call) ? Promise.resolve(awsError('AccessDeniedException', 'The process has died.')) : next(),
    );
    const input = { tasks, idempotency_key: 'graph' };
    await expect(ports.perform(submitGraph, input)).rejects.toThrow('died');
    restore();
    for (const id of [lint, audit]) {
      await ports.perform(cancelTask, { task_id: id });
      await tell(ports, id);
    }
    const { tasks: ids } = (await ports.perform(submitGraph, input)) as Submitted;
    expect(await ports.task(ids['b'] ?? '')).toMatchObject({ status: 'waiting', done: [1], failed: [] });
    expect(await ports.task(ids['c'] ?? '')).toMatchObject({ status: 'cancelled', done: [1], failed: [2] });
  });

  test('is not cancelled by a late release when it was retried after its dependency', async () => {
    const ports = new TestPorts(context);
    const { audit, child, end, state } = await family(ports);
    await end(audit);
    const late = ports.another();
    beforeCall(context.edge, updates(`T#${child}`), async () => {
      await tell(ports, audit);
      expect(await state()).toMatchObject({ status: 'cancelled' });
      await ports.perform(retryTask, { task_id: audit });
      expect(await ports.perform(retryTask, { task_id: child })).toMatchObject({ status: 'waiting' });
    });
    await tell(late, audit);
    expect(await state()).toMatchObject({ status: 'waiting', failed: [] });
  });

  test.each([
    ['with their graph', retryGraph as Implementation, { changed: 3, remaining: 0 }],
    ['by a filter', retryTasks as Implementation, { changed: 3, refused: [] }],
  ] as const)(
    'that are retried %s are not cancelled again by one that is retried with them',
    async (_, retry, done) => {
      const ports = new TestPorts(context);
      const task = { content: 'work', routing: 'manual' as const };
      const { graph_id, tasks: ids } = (await ports.perform(submitGraph, {
        tasks: [
          { ...task, key: 'a' },
          { ...task, key: 'b', dependencies: [{ key: 'a', on_failure: 'cancel' as const }] },
          { ...task, key: 'c', dependencies: [{ key: 'b', on_failure: 'cancel' as const }, 'a'] },
          { ...task, key: 'd', dependencies: [{ key: 'b', on_failure: 'run_anyway' as const }] },
        ],
      })) as Submitted;
      const statuses = () =>
        Promise.all(['a', 'b', 'c', 'd'].map(async (key) => (await ports.task(ids[key] ?? '')).status));
      await ports.perform(cancelTask, { task_id: ids['a'] ?? '' });
      for (const key of ['a', 'b', 'c']) await tell(ports, ids[key] ?? '');
      expect(await statuses()).toEqual(['cancelled', 'cancelled', 'cancelled', 'pending']);
      expect(await ports.perform(retry, { graph_id })).toMatchObject(done);
      expect(await statuses()).toEqual(['pending', 'waiting', 'waiting', 'pending']);
    },
  );
});
