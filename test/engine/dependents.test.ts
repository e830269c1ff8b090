import { describe, expect, test } from 'vitest';
import type { AwsCall } from '#local/edge/edge.ts';
import { times } from '#shared/domain/settings.ts';
import { explainTask } from '#shared/operations/tasks/explain-task.ts';
import { cancelTask } from '#shared/operations/tasks/cancel-task.ts';
import { failTask } from '#shared/operations/work/fail-task.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { retryTask } from '#shared/operations/tasks/retry-task.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { taskChanges } from '../support/task-changes.ts';
import { edgeTo } from '../support/task-life.ts';
import { hour, inState, second } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

/** Ends a task without updating its dependents, as if the process died first. */
async function end(ports: TestPorts, id: string, how: 'completed' | 'failed' | 'cancelled'): Promise<void> {
  const give = async () => ports.give(await ports.task(id), 'worker');
  if (how === 'completed') await ports.completeAndDie(await give());
  else if (how === 'cancelled') await ports.perform(cancelTask, { task_id: id });
  else {
    await give();
    await ports.perform(failTask, { task_id: id, error: 'no answer', should_retry: false });
  }
}

/** Updates the dependents of a task with its status, as its event does. */
const tell = async (ports: TestPorts, id: string) => releaseDependents(ports, await ports.task(id));

describeOnEngine('a task that waits for others', createMusterTables, (context) => {
  /** Two dependencies and their common dependent. */
  async function family(ports: TestPorts, input: Parameters<TestPorts['create']>[0] = {}) {
    await ports.register('worker');
    const [one, two] = [(await ports.create()).id, (await ports.create()).id];
    const child = (await ports.create({ dependencies: [one, two], routing: 'auto', ...input })).id;
    return { one, two, child, state: () => ports.task(child) };
  }

  test('is released by its last dependency, once, however often and from wherever that is reported', async () => {
    const ports = new TestPorts(context);
    const { one, two, child, state } = await family(ports);
    await end(ports, one, 'completed');
    await tell(ports, one);
    expect(await state()).toMatchObject({ status: 'waiting', done: [0] });

    await end(ports, two, 'completed');
    ports.clock.advance(second);
    await Promise.all(
      Array.from({ length: 16 }, async (_, n) => {
        await tell(ports.another(), n % 2 === 0 ? one : two);
      }),
    );
    expect(await state()).toMatchObject({ status: 'pending', done: [0, 1], readyAt: ports.clock.now() });
    expect(await ports.listings.lane({ key: '', routing: 'auto' }, 10)).toMatchObject([{ id: child }]);

    ports.clock.advance(second);
    const { attempt } = await ports.give(await state(), 'worker');
    await Promise.all([tell(ports, one), tell(ports, two)]);
    expect(await state()).toMatchObject({ status: 'running', attempt });
    const released = (await taskChanges(context, 3 + 4 + 2 + 1)).filter(
      ({ before, after }) => before?.status === 'waiting' && after?.status === 'pending',
    );
    expect(released).toHaveLength(1);
  });

  test('is released by one of two dependencies met at the same time, whichever sees the other', async () => {
    const ports = new TestPorts(context);
    const { one, two, child, state } = await family(ports);
    await end(ports, one, 'completed');
    await end(ports, two, 'completed');
    // Both have read the child without the other; the second one writes right before the first.
    beforeCall(context.edge, updates(`T#${child}`), () => tell(ports.another(), two));
    await tell(ports, one);
    expect(await state()).toMatchObject({ status: 'pending', done: [0, 1] });
  });

  test('is released even if the process that met its last dependency died before the second step', async () => {
    const ports = new TestPorts(context);
    const { one, two, state } = await family(ports);
    for (const [ordinal, id] of [one, two].entries()) {
      await end(ports, id, 'completed');
      await ports.tasks.recordDependency(edgeTo(await state(), ordinal), 'met', ports.clock.now());
    }
    expect(await state()).toMatchObject({ status: 'waiting', done: [0, 1] });
    await tell(ports, one);
    expect(await state()).toMatchObject({ status: 'pending' });
  });

  test.each(['failed', 'cancelled'] as const)(
    'is blocked when one of them is %s, until that is retried',
    async (how) => {
      const ports = new TestPorts(context);
      const { one, two, state } = await family(ports);
      await end(ports, one, how);
      await tell(ports, one);
      expect(await state()).toMatchObject({ status: 'blocked', failed: [0] });

      await end(ports, two, 'completed');
      await tell(ports, two);
      expect(await state()).toMatchObject({ status: 'blocked', failed: [0], done: [1] });

      await ports.perform(retryTask, { task_id: one });
      await tell(ports, one);
      expect(await state()).toMatchObject({ status: 'waiting', failed: [] });

      await end(ports, one, 'completed');
      await tell(ports, one);
      expect(await state()).toMatchObject({ status: 'pending', done: [0, 1] });
    },
  );

  test('that is cancelled with its dependency, or runs anyway, says so at creation', async () => {
    const ports = new TestPorts(context);
    const cancelled = await family(ports, { on_dependency_failure: 'cancel' });
    await end(ports, cancelled.one, 'failed');
    await tell(ports, cancelled.one);
    expect(await cancelled.state()).toMatchObject({ status: 'cancelled', log: [{ cause: 'dependency_failed' }] });

    const anyway = await family(ports, { on_dependency_failure: 'run_anyway' });
    await end(ports, anyway.one, 'cancelled');
    await end(ports, anyway.two, 'completed');
    await tell(ports, anyway.one);
    await tell(ports, anyway.two);
    expect(await anyway.state()).toMatchObject({ status: 'pending', done: [0, 1], failed: [] });
  });

  test('is not blocked by a late event about a failure that was retried', async () => {
    const ports = new TestPorts(context);
    const { one, state } = await family(ports);
    await end(ports, one, 'failed');
    const late = await ports.task(one);
    await ports.perform(retryTask, { task_id: one });
    await releaseDependents(ports, late);
    expect(await state()).toMatchObject({ status: 'waiting', failed: [] });

    await end(ports, one, 'completed');
    await tell(ports, one);
    expect(await ports.tasks.recordDependency(edgeTo(await state(), 0), 'failed', ports.clock.now())).toMatchObject({
      failed: [],
    });
  });

  test('is not blocked by a failure that is retried during the release, which updates it twice', async () => {
    const ports = new TestPorts(context);
    const { one, child, state } = await family(ports);
    await end(ports, one, 'failed');
    const failed = await ports.task(one);
    const reads = ({ action, body }: AwsCall) => action === 'Query' && JSON.stringify(body).includes(`T#${one}`);
    let looks = 0;
    const watch = context.edge.intercept((call, next) => {
      looks += Number(reads(call));
      return next();
    });
    beforeCall(context.edge, updates(`T#${child}`), () => ports.another().perform(retryTask, { task_id: one }));
    await releaseDependents(ports, failed);
    expect(await state()).toMatchObject({ status: 'waiting', failed: [] });
    expect(looks).toBe(2);
    looks = 0;
    await tell(ports, one);
    expect(looks).toBe(1);
    watch();
  });

  test('passes the news on to its own dependents', async () => {
    const ports = new TestPorts(context);
    const { one, child } = await family(ports);
    const grandchild = (await ports.create({ dependencies: [child] })).id;
    await end(ports, one, 'failed');
    await tell(ports, one);
    await tell(ports, child);
    expect(await ports.task(grandchild)).toMatchObject({ status: 'blocked' });
    await ports.perform(cancelTask, { task_id: child });
    await tell(ports, child);
    expect(await ports.task(grandchild)).toMatchObject({ status: 'blocked', failed: [0] });
  });

  describe('whose events were lost', () => {
    test('is released by the check, which comes after 5 minutes', async () => {
      const ports = new TestPorts(context);
      const { one, two, state } = await family(ports);
      await end(ports, one, 'completed');
      await end(ports, two, 'completed');
      ports.clock.advance('299s');
      await sweep(ports, () => true);
      expect(await state()).toMatchObject({ status: 'waiting', done: [] });
      ports.clock.advance('1s');
      await sweep(ports, () => true);
      expect(await state()).toMatchObject({ status: 'pending', done: [0, 1] });
    });

    test('is checked again at intervals growing to an hour, as long as its dependencies take', async () => {
      const ports = new TestPorts(context);
      const { child, state } = await family(ports);
      const waits: number[] = [];
      for (let n = 0; n < 5; n += 1) {
        waits.push(inState('waiting', await state()).checkEveryMs);
        ports.clock.advance(hour);
        await sweep(ports, () => true);
      }
      expect(waits.map((wait) => wait / 60_000)).toEqual([10, 20, 40, 60, 60]);
      expect(await ports.listings.due('checks', ports.clock.now() + hour, 10)).toMatchObject([{ id: child }]);
    });

    test('learns of a completed dependency even after its retention, when it is no longer shown', async () => {
      const ports = new TestPorts(context);
      const { one, two, child, state } = await family(ports);
      await end(ports, one, 'completed');
      await end(ports, two, 'completed');
      ports.clock.advance(ports.settings.retentionMs + 2 * times.maxCheckMs - 1);
      expect(await ports.tasks.get(one)).toBeUndefined();
      expect(await ports.perform(explainTask, { task_id: child })).toMatchObject({
        dependencies: [
          { task_id: one, status: 'completed' },
          { task_id: two, status: 'completed' },
        ],
      });
      expect(await sweep(ports, () => true)).toEqual([]);
      expect(await state()).toMatchObject({ status: 'pending', done: [0, 1] });
    });

    test('and whose completed dependency was deleted is not blocked, and is released by a late event', async () => {
      const ports = new TestPorts(context);
      const { one, two, child, state } = await family(ports);
      await end(ports, one, 'completed');
      const event = await ports.task(one);
      ports.clock.advance(ports.settings.retentionMs + times.keptForDependentsMs);
      expect(await ports.tasks.get(one)).toBeUndefined();
      await end(ports, two, 'completed');
      expect(await sweep(ports, () => true)).toEqual([]);
      expect(await state()).toMatchObject({ status: 'waiting', done: [1], failed: [] });
      expect(await ports.perform(explainTask, { task_id: child })).toMatchObject({
        state: 'waiting_on_dependencies',
        dependencies: [{ task_id: one }],
        sentence: expect.stringContaining('deleted') as string,
      });
      await releaseDependents(ports, event);
      expect(await state()).toMatchObject({ status: 'pending', done: [0, 1] });
    });

    test('is explained by the current state of its dependencies', async () => {
      const ports = new TestPorts(context);
      const { one, two, child, state } = await family(ports);
      const explained = () => ports.perform(explainTask, { task_id: child });
      await end(ports, one, 'failed');
      expect(await explained()).toMatchObject({
        status: 'waiting',
        state: 'blocked_by',
        dependencies: [{ task_id: one, status: 'failed' }],
        sentence: expect.stringMatching(/is about to be blocked by .* \(failed\): retry/) as string,
      });
      await tell(ports, one);
      await ports.perform(retryTask, { task_id: one });
      expect(await explained()).toMatchObject({
        status: 'blocked',
        state: 'waiting_on_dependencies',
        dependencies: [{ task_id: one }, { task_id: two }],
        sentence: `The task is being unblocked, and then waits for ${one} (pending), ${two} (pending).`,
      });
      for (const id of [one, two]) await end(ports, id, 'completed');
      expect(await explained()).toMatchObject({
        state: 'waiting_on_dependencies',
        sentence: 'All dependencies of the task are met: it will be ready within seconds.',
      });
      expect(await state()).toMatchObject({ status: 'blocked' });
    });

    test('and whose failed dependency was deleted stays blocked', async () => {
      const ports = new TestPorts(context);
      const { one, child, state } = await family(ports);
      await end(ports, one, 'failed');
      await tell(ports, one);
      ports.clock.advance(ports.settings.retentionMs + times.keptForDependentsMs);
      expect(await sweep(ports, () => true)).toEqual([]);
      expect(await state()).toMatchObject({ status: 'blocked', failed: [0] });
      expect(await ports.perform(explainTask, { task_id: child })).toMatchObject({
        state: 'blocked_by',
        dependencies: [{ task_id: one }],
      });
    });

    test('is not released by a check that a failure overtakes', async () => {
      const ports = new TestPorts(context);
      const { one, child, state } = await family(ports);
      ports.clock.advance(hour);
      beforeCall(context.edge, updates(`T#${child}`), async () => {
        await end(ports.another(), one, 'failed');
        await tell(ports.another(), one);
      });
      await sweep(ports, () => true);
      expect(await state()).toMatchObject({ status: 'blocked', failed: [0] });
    });
  });
});
