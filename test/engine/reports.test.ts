import { describe, expect, test } from 'vitest';
import type { TaskSummary } from '#shared/contract/task.ts';
import { cancelTask } from '#shared/operations/tasks/cancel-task.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { failTask } from '#shared/operations/work/fail-task.ts';
import { heartbeatTask } from '#shared/operations/work/heartbeat-task.ts';
import { releaseTask } from '#shared/operations/work/release-task.ts';
import { startTask } from '#shared/operations/work/start-task.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { followChanges } from '../support/follow-changes.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { taskChanges } from '../support/task-changes.ts';
import { refusalCode, TestPorts } from '../support/test-ports.ts';
import { empty } from '../support/tasks.ts';

describeOnEngine('a completion', createMusterTables, (context) => {
  test('is one completion and counts once, however often and by whomever it is repeated', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada');
    const report = { task_id: id, result: { answer: 42 }, metrics: { duration_ms: 250 } };
    const complete = () => ports.another().perform(completeTask, report, 'ada') as Promise<TaskSummary>;

    const answers = await Promise.all(Array.from({ length: 16 }, complete));
    const changes = await taskChanges(context, 3);
    for (let n = 0; n < 2; n += 1) await followChanges(ports.another(), { shardId: 'shard', changes });
    answers.push(await complete());

    expect(answers).toEqual(answers.map(() => answers[0]));
    expect(answers[0]).toMatchObject({ status: 'completed', execution_duration_ms: 250 });
    expect(await ports.task(id)).toMatchObject({ report: { result: { answer: 42 } } });
    expect(await ports.agent('ada')).toMatchObject({ inbox: empty, completed: 1, failed: 0, durationMs: 250 });
    expect(await ports.statistics.queue()).toMatchObject({ completed: 1, running: 0, executions: 1, executionMs: 250 });
  });

  test('with a different result is refused, even if both are large', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada');
    const complete = (result: string) => ports.perform(completeTask, { task_id: id, result, attempt: 1 }, 'ada');
    await complete('x'.repeat(5000));
    expect(await refusalCode(complete('y'.repeat(5000)))).toBe('already_ended');
    expect(await complete('x'.repeat(5000))).toMatchObject({ status: 'completed' });
    expect((await ports.tasks.reports([await ports.task(id)])).get(id)).toEqual({ result: 'x'.repeat(5000) });
  });

  test('has its slot freed by the outbox if the process died first', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    const { id } = await ports.give(await ports.create({ requirements: ['python'] }), 'ada');
    const guard = { is: 'run_by', agentId: 'ada', attempt: 1 } as const;
    const ended = { status: 'completed', endedAt: ports.clock.now(), durationMs: 5 } as const;
    await ports.tasks.apply(id, { guard, change: { set: ended } });

    const changes = await taskChanges(context, 3);
    for (let n = 0; n < 2; n += 1) await followChanges(ports, { shardId: 'shard', changes });
    expect(await ports.agent('ada')).toMatchObject({ inbox: empty, completed: 1, successes: { python: 1 } });
  });

  test('after the lease is accepted as long as the task was not taken away', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada');
    ports.clock.advance('5m');
    await sweep(ports, () => true);
    ports.clock.advance('29s');
    expect(await ports.perform(completeTask, { task_id: id, attempt: 1 }, 'ada')).toMatchObject({
      status: 'completed',
    });
  });
});

describeOnEngine('an attempt that has ended', createMusterTables, (context) => {
  const reports = {
    start: startTask,
    heartbeat: heartbeatTask,
    complete: completeTask,
    fail: failTask,
    release: releaseTask,
  };
  const input = { fail: { error: 'no answer' }, release: { reason: 'not me' } } as Record<string, object>;

  describe('changes nothing of the next attempt', () => {
    test.each(Object.keys(reports) as (keyof typeof reports)[])('by %s', async (name) => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const first = await ports.give(await ports.create(), 'ada');
      await ports.perform(failTask, { task_id: first.id, error: 'no answer', attempt: 1 }, 'ada');
      ports.clock.advance('5m');
      const second = await ports.give(await ports.task(first.id), 'ada');
      const [item, agent] = [await ports.item(first.id), await ports.agent('ada')];

      const late = { task_id: first.id, attempt: 1, ...input[name] };
      const outcome = await refusalCode(ports.perform(reports[name], late, 'ada'));
      expect(outcome).toBe('stale_attempt');
      expect(await ports.item(first.id)).toEqual(item);
      expect(await ports.agent('ada')).toEqual(agent);
      expect(second.attempt).toBe(2);
    });
  });

  test('of a cancelled task gets that in response to any report', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada');
    await ports.perform(cancelTask, { task_id: id });
    for (const [name, operation] of Object.entries(reports)) {
      const late = { task_id: id, attempt: 1, ...input[name] };
      expect(await refusalCode(ports.perform(operation, late, 'ada'))).toBe('task_cancelled');
    }
    expect(await ports.agent('ada')).toMatchObject({ inbox: empty, completed: 0, failed: 0 });
  });
});

describeOnEngine('a current lease', createMusterTables, (context) => {
  test('is not ended by a sweep that a heartbeat overtakes', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada');
    ports.clock.advance('6m');
    beforeCall(context.edge, updates(id), () =>
      ports.another().perform(heartbeatTask, { task_id: id, attempt: 1 }, 'ada'),
    );
    expect(await sweep(ports, () => true)).toEqual([]);
    expect(await ports.task(id)).toMatchObject({
      status: 'running',
      attempt: 1,
      leaseUntil: ports.clock.now() + 300_000,
    });
    expect(await ports.agent('ada')).toMatchObject({ failed: 0 });
  });

  test('is not extended by a heartbeat that the sweep overtakes', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada');
    ports.clock.advance('6m');
    beforeCall(context.edge, updates(id), () => sweep(ports.another(), () => true));
    const beat = ports.perform(heartbeatTask, { task_id: id, attempt: 1 }, 'ada');
    expect(await refusalCode(beat)).toBe('stale_attempt');
    expect(await ports.task(id)).toMatchObject({ status: 'pending', log: [{ cause: 'agent_lost', agentId: 'ada' }] });
    expect(await ports.agent('ada')).toMatchObject({ inbox: empty, failed: 1 });
  });
});
