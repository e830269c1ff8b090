import { describe, expect, test, vi } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import { taskChange } from '#shared/adapters/task-stream.ts';
import { batchesOf } from '#shared/batches.ts';
import { complete, requeue } from '#shared/domain/holding.ts';
import { cancelTask } from '#shared/operations/tasks/cancel-task.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { releaseTask } from '#shared/operations/work/release-task.ts';
import { failTask } from '#shared/operations/work/fail-task.ts';
import { publishChanges } from '#shared/reactions/publish-changes.ts';
import { retryTask } from '#shared/operations/tasks/retry-task.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { followChanges } from '../support/follow-changes.ts';
import { updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { taskChanges, taskRecords } from '../support/task-changes.ts';
import { edgeTo } from '../support/task-life.ts';
import { aWaitingTask, empty, second } from '../support/tasks.ts';
import { TestClock, TestPorts } from '../support/test-ports.ts';

describeOnEngine('what follows from the changes in the stream', createMusterTables, (context) => {
  /** Publishes the changes in the stream so far, in batches of this size. */
  async function publish(ports: TestPorts, count: number, size = count): Promise<void> {
    const changes = await taskChanges(context, count);
    for (const some of batchesOf(changes, size)) await followChanges(ports, { shardId: 'shard', changes: some });
  }

  test('is published once per change, in order, and says whether others depend on the task', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const parent = await ports.create();
    await ports.create({ dependencies: [parent.id] });
    const { id } = await ports.give(parent, 'ada');
    await ports.perform(failTask, { task_id: id, error: 'no answer' });
    ports.clock.advance('5s');
    await ports.give(await ports.task(id), 'ada');
    await ports.perform(completeTask, { task_id: id });

    await publish(ports, 6, 2);
    expect(ports.published.map(({ type, detail }) => [type, detail.attempt, detail.previous_status])).toEqual([
      ['Task Requeued', 1, 'running'],
      ['Task Completed', 2, 'running'],
    ]);
    expect(ports.published.at(-1)?.detail).toMatchObject({ task_id: id, has_dependents: true, assigned_to: 'ada' });
  });

  test('is the same if the whole stream is replayed: events by id, and nothing is counted twice', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create({ routing: 'auto' }), 'ada');
    await ports.perform(completeTask, { task_id: id });
    await publish(ports, 3);
    const events = [...ports.published];
    const [counts, agent] = [await ports.statistics.queue(), await ports.agent('ada')];

    await publish(ports.another(), 3, 1);
    await publish(ports.another(), 3, 2);

    expect(ports.published).toEqual([...events, ...events, ...events]);
    expect(await ports.statistics.queue()).toEqual(counts);
    expect(await ports.agent('ada')).toEqual(agent);
    expect(counts).toMatchObject({ pending: 0, running: 0, completed: 1 });
  });

  test('wakes the router for ready work, when it may begin', async () => {
    const ports = new TestPorts(context);
    const later = new Date(ports.clock.now() + 20 * second).toISOString();
    const [one, two] = [
      await ports.create({ routing: 'auto' }),
      await ports.create({ routing: 'auto', not_before: later }),
    ];
    await ports.create();
    await publish(ports, 3);
    expect(ports.sentWakeUps).toEqual([
      { wakeUp: { task_id: one.id }, delayMs: 0 },
      { wakeUp: { task_id: two.id }, delayMs: 20 * second },
    ]);
  });

  test('wakes the router not for work that is held by now, but for all requeued work', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const [taken, back] = [await ports.create({ routing: 'auto' }), await ports.create({ routing: 'auto' })];
    await ports.give(taken, 'ada');
    const held = await ports.give(back, 'ada');
    await ports.perform(releaseTask, { task_id: back.id, reason: 'busy', attempt: held.attempt }, 'ada');
    ports.sentWakeUps.length = 0;
    await publish(ports, 5);
    expect(ports.sentWakeUps.map(({ wakeUp }) => wakeUp)).toEqual([{ task_id: back.id }, { agent_id: 'ada' }]);
  });

  test('wakes the router for ready work again if a read is too old to show that it is ready', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id, attempt } = await ports.give(await ports.create({ routing: 'auto' }), 'ada');
    const running = await ports.task(id);
    await ports.perform(releaseTask, { task_id: id, reason: 'busy', attempt }, 'ada');
    const [change] = (await taskChanges(context, 3)).slice(-1);
    vi.spyOn(ports.tasks, 'getMany').mockResolvedValue([running]);
    ports.sentWakeUps.length = 0;
    await publishChanges(ports, { shardId: 'shard', changes: change ? [change] : [] });
    expect(ports.sentWakeUps).toContainEqual({ wakeUp: { task_id: id }, delayMs: 0 });
  });

  describe('frees the slot of an ended hold even if its process died,', () => {
    test('and offers the agent work that waits for the router, if there is any', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const [one, two] = [await ports.give(await ports.create(), 'ada'), await ports.give(await ports.create(), 'ada')];
      const finish = (id: string) =>
        ports.tasks.apply(id, complete({ agentId: 'ada', attempt: 1 }, {}, ports.clock.now()));
      await finish(one.id);
      await publish(ports, 5);
      expect(ports.sentWakeUps).toEqual([]);
      expect(await ports.agent('ada')).toMatchObject({ inbox: { [two.id]: two.offer }, completed: 1 });

      const waiting = await ports.create({ routing: 'auto' });
      await finish(two.id);
      await publish(ports, 7);
      expect(ports.sentWakeUps.map(({ wakeUp }) => wakeUp)).toEqual([{ task_id: waiting.id }, { agent_id: 'ada' }]);
      expect(await ports.agent('ada')).toMatchObject({ inbox: empty, completed: 2 });
    });

    test('but not if it is full again: with claim_next it already has other work', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada', [], 1);
      const { id } = await ports.give(await ports.create(), 'ada');
      const next = await ports.create({ routing: 'auto' });
      ports.clock.advance('1ms');
      const waiting = await ports.create({ routing: 'auto' });
      const completed = await ports.perform(completeTask, { task_id: id, claim_next: 1 }, 'ada');
      expect(completed).toMatchObject({ claimed: [{ task_id: next.id }] });
      await publish(ports, 6);
      expect(ports.sentWakeUps.map(({ wakeUp }) => wakeUp)).toEqual([{ task_id: waiting.id }]);
    });

    test('but does not try, which would be billed, if the slot is already free', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const task = await ports.create();
      // Opens the minute of the statistics, which is refused once.
      await ports.counting.add({
        shardId: 'another',
        changes: [{ sequenceNumber: '1', before: undefined, after: task }],
      });
      const { id } = await ports.give(task, 'ada');
      await ports.perform(completeTask, { task_id: id });
      const before = context.meter.snapshot();
      await publish(ports, 3);
      expect(context.meter.since(before).total().failedConditions).toBe(0);
    });

    test('also if the task itself is gone, which counts as no outcome', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const held = await ports.give(await ports.create(), 'ada');
      const deleted = { id: 'change', at: 0, sequenceNumber: '1', before: held, after: undefined };
      await publishChanges(ports, { shardId: 'shard', changes: [deleted] });
      expect(await ports.agent('ada')).toMatchObject({ inbox: empty, completed: 0, failed: 0 });
    });

    test('but never the slot of a later hold of the same task', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const first = await ports.give(await ports.create(), 'ada');
      const why = { cause: 'deregistered' } as const;
      await ports.tasks.apply(first.id, requeue(first, why, ports.clock.now(), ports.settings));
      await ports.agents.freeSlot('ada', { taskId: first.id, token: first.offer, outcome: { kind: 'none' } });
      const again = await ports.give(await ports.task(first.id), 'ada');

      await publish(ports, 4);
      expect((await ports.agent('ada')).inbox).toEqual({ [first.id]: again.offer });
    });
  });

  test('is done as far as possible if one part of it fails, and the failure is reported', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada');
    await ports.tasks.apply(id, complete({ agentId: 'ada', attempt: 1 }, {}, ports.clock.now()));
    await ports.create({ routing: 'auto' });
    const changes = await taskChanges(context, 4);
    context.edge.intercept((call, next) =>
      updates('A#ada')(call) ? Promise.resolve(awsError('ValidationException', 'Number overflow')) : next(),
    );
    await expect(publishChanges(ports, { shardId: 'shard', changes })).rejects.toThrow('Number overflow');
    expect(ports.published.map(({ type }) => type)).toEqual(['Task Completed']);
    expect(ports.sentWakeUps).toContainEqual({ wakeUp: { task_id: changes.at(-1)?.after?.id }, delayMs: 0 });
  });

  test('includes every change of a task that others wait for: ended, and retried after all', async () => {
    const ports = new TestPorts(context);
    const { id } = await ports.create();
    await ports.perform(cancelTask, { task_id: id });
    await ports.perform(retryTask, { task_id: id });
    await publish(ports, 3);
    expect(ports.published.map(({ type, detail }) => [type, detail.previous_status])).toEqual([
      ['Task Cancelled', 'pending'],
      ['Task Requeued', 'cancelled'],
    ]);
  });
});

describeOnEngine('a record of the stream', createMusterTables, (context) => {
  test('describes the task before and after, even if its retention has passed', async () => {
    const longAgo = { clock: new TestClock(Date.UTC(2020, 1, 1)), sentWakeUps: [], published: [], releases: [] };
    const ports = new TestPorts(context, {}, longAgo);
    const { id } = await ports.create();
    await ports.perform(cancelTask, { task_id: id });
    const [created, cancelled] = await taskChanges(context, 2);
    expect(created).toMatchObject({ before: undefined, after: { id, status: 'pending' } });
    expect(cancelled).toMatchObject({ before: { id, status: 'pending' }, after: await ports.task(id) });
    expect(cancelled?.id).not.toBe(created?.id);
  });

  test('of a placeholder describes no task, and its creation describes a new one', async () => {
    const ports = new TestPorts(context);
    const task = aWaitingTask(1);
    await ports.tasks.recordDependency(edgeTo(task, 0), 'met', ports.clock.now());
    const { done: _none, failed: _neither, ...record } = task;
    await ports.tasks.create({ record, first: { set: { status: 'waiting', checkEveryMs: task.checkEveryMs } } });
    const [stub, created] = await taskChanges(context, 2);
    expect(stub).toMatchObject({ before: undefined, after: undefined });
    expect(created).toMatchObject({ before: undefined, after: { status: 'waiting', done: [0] } });
  });

  test('that can never be processed is refused: without an id, without an ordinal, or with a broken image', async () => {
    const ports = new TestPorts(context);
    await ports.create();
    const [record = {}] = await taskRecords(context, 1);
    expect(() => taskChange({ ...record, eventID: undefined })).toThrow('no id');
    expect(() => taskChange({ ...record, dynamodb: {} })).toThrow('no sequence number');
    const broken = { ...record.dynamodb?.NewImage, lg: { S: 'not JSON' } };
    expect(() => taskChange({ ...record, dynamodb: { ...record.dynamodb, NewImage: broken } })).toThrow(SyntaxError);
  });
});
