import { describe, expect, test } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import { times } from '#shared/domain/settings.ts';
import type { TaskRecord } from '#shared/domain/task.ts';
import { heartbeatTask } from '#shared/operations/work/heartbeat-task.ts';
import { submitGraph } from '#shared/operations/graphs/submit-graph.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { aTask, aWaitingTask, day, empty, minute, morning, runningTask, inState, excluding } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

const always = () => true;

describeOnEngine('the sweep', createMusterTables, (context) => {
  const died = () => Promise.resolve(awsError('AccessDeniedException', 'The process has died.'));
  /** Sweeps after this much time and returns the task. */
  const after = async (ports: TestPorts, duration: string | number, { id }: Pick<TaskRecord, 'id'>) => {
    ports.clock.advance(duration);
    expect(await sweep(ports, always)).toEqual([]);
    return ports.task(id);
  };

  describe('takes a task from its agent', () => {
    test('that has not started it after 2 minutes and 30 seconds, and gives the agent nothing new', async () => {
      const ports = new TestPorts(context);
      const { seenAt } = await ports.register('ada');
      const task = await ports.give(await ports.create(), 'ada', false);
      expect(await after(ports, 149_999, task)).toEqual(task);
      expect(await after(ports, 1, task)).toMatchObject({
        status: 'pending',
        retryCount: 0,
        excluded: excluding({ ada: ports.clock.now() + times.excludedMs }),
        log: [{ cause: 'not_started' }],
      });
      const agent = await ports.agent('ada');
      expect(agent).toMatchObject({ inbox: empty, failed: 0 });
      expect(agent.seenAt).toBeLessThan(seenAt);
    });

    test('that missed its heartbeats for 5 minutes and 30 seconds, which is a failure', async () => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const task = await ports.give(await ports.create({ max_attempts: 2 }), 'ada');
      expect(await after(ports, 329_999, task)).toEqual(task);
      expect(await after(ports, 1, task)).toMatchObject({ status: 'pending', retryCount: 1, excluded: empty });
      expect(await ports.agent('ada')).toMatchObject({ inbox: empty, failed: 1 });

      ports.clock.advance('5m');
      await ports.give(await ports.task(task.id), 'ada');
      const failed = await after(ports, '330s', task);
      expect(failed).toMatchObject({ status: 'failed', log: [{ cause: 'agent_lost' }, { cause: 'agent_lost' }] });
      expect((await ports.tasks.reports([failed])).get(task.id)?.error).toMatch(
        'agent_lost: missed its heartbeat; the lease expired at',
      );
    });

    test("that has exceeded the task's timeout, even with heartbeats", async () => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const task = await ports.give(await ports.create({ timeout_seconds: 400 }), 'ada');
      ports.clock.advance('299s');
      await ports.perform(heartbeatTask, { task_id: task.id });
      expect(await after(ports, '130s', task)).toMatchObject({ status: 'running', leaseUntil: morning + 400_000 });
      expect(await after(ports, '1s', task)).toMatchObject({ status: 'pending', log: [{ cause: 'timed_out' }] });
    });
  });

  test('comes again at the end of the lease if a heartbeat has extended it', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada');
    ports.clock.advance('4m');
    await ports.perform(heartbeatTask, { task_id: id });
    const due = (at: number) => ports.listings.due('timers', at, 10);
    expect(await due(morning + 5 * minute)).toMatchObject([{ id }]);
    expect(await after(ports, '1m', { id })).toMatchObject({ status: 'running', leaseUntil: morning + 9 * minute });
    expect(await due(morning + 9 * minute - 1)).toEqual([]);
    expect(await due(morning + 9 * minute)).toMatchObject([{ id }]);
  });

  test('puts a delayed task into its lane when it is due', async () => {
    const ports = new TestPorts(context);
    const not_before = new Date(morning + 20 * minute).toISOString();
    const { id } = await ports.create({ not_before });
    const ready = () => ports.listings.lane({ key: '', routing: 'manual' }, 10);
    expect(await after(ports, 20 * minute - 1, { id })).toMatchObject({ dueAt: morning + 20 * minute });
    expect(await ready()).toEqual([]);
    expect(await after(ports, 1, { id })).not.toHaveProperty('dueAt');
    expect(await ready()).toMatchObject([{ id }]);
  });

  test('wakes the router for the end of a long delay a quarter of an hour ahead, and comes again then', async () => {
    const ports = new TestPorts(context);
    const delayed = await ports.create({ not_before: new Date(morning + 20 * minute).toISOString() });
    expect(await after(ports, 5 * minute - 1, delayed)).toEqual(delayed);
    expect(ports.sentWakeUps).toEqual([]);
    expect(await after(ports, 1, delayed)).toEqual(delayed);
    expect(ports.sentWakeUps).toEqual([{ wakeUp: { task_id: delayed.id }, delayMs: 15 * minute }]);
    expect(await ports.listings.due('timers', morning + 20 * minute - 1, 10)).toEqual([]);
    expect(await ports.listings.due('timers', morning + 20 * minute, 10)).toMatchObject([{ id: delayed.id }]);
  });

  test('sends work not taken for a minute to the router again, once per sweep, and only work for the router', async () => {
    const ports = new TestPorts(context);
    const { id } = await ports.create({ routing: 'auto' });
    await ports.create({ routing: 'manual' });
    await after(ports, minute - 1, { id });
    expect(ports.sentWakeUps).toEqual([]);
    await after(ports, 1, { id });
    expect(ports.sentWakeUps).toEqual([{ wakeUp: { task_id: id } }]);
  });

  test('ends what is older than 180 days wherever it is, also for its holders', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const held = await ports.give(await ports.create({ timeout_seconds: 7 * 24 * 3600 }), 'ada');
    const ready = await ports.create();
    const parent = await ports.create({ not_before: new Date(morning + 180 * day).toISOString() });
    const waiting = await ports.create({ dependencies: [parent.id] });
    const ids = [held.id, ready.id, waiting.id, parent.id];
    const states = async () => (await ports.tasks.getMany(ids)).map(({ status }) => status);
    ports.clock.advance(times.maxAgeMs);
    await ports.tasks.apply(held.id, {
      guard: { is: 'run_by', agentId: 'ada', attempt: 1 },
      change: { set: { leaseUntil: ports.clock.now() + day } },
    });
    await sweep(ports, always);
    expect(await states()).toEqual(['running', 'pending', 'waiting', 'pending']);
    // By then, timers and checks of delayed and waiting tasks are at most a day apart.
    for (const duration of [1, day]) {
      ports.clock.advance(duration);
      expect(await sweep(ports, always)).toEqual([]);
    }
    expect(await states()).toEqual(['cancelled', 'cancelled', 'cancelled', 'cancelled']);
    // Its slot is free, and it has not been seen for as long.
    expect(await ports.agents.get('ada')).toBeUndefined();
  });

  test('continues after what it cannot do, and names it', async () => {
    const ports = new TestPorts(context);
    const lost = { ...runningTask(), leaseUntil: morning - minute };
    for (const id of ['one', 'two', 'three']) await ports.store({ ...lost, id }, { in: 'timers', at: 0 });
    await ports.store(aWaitingTask(1, { id: 'child' }), { in: 'checks', at: 0 });
    const recover = context.edge.intercept((call, next) => (updates('T#two')(call) ? died() : next()));
    expect(await sweep(ports, always)).toMatchObject([{ part: 'timers: task two' }]);
    recover();
    const tasks = await ports.tasks.getMany(['one', 'two', 'three']);
    expect(tasks.map(({ status }) => status)).toEqual(['pending', 'running', 'pending']);
    expect(inState('waiting', await ports.task('child')).checkEveryMs).toBeGreaterThan(10 * minute);
    expect(await sweep(ports, always)).toEqual([]);
    expect(await ports.task('two')).toMatchObject({ status: 'pending' });
  });

  test('reads page by page as long as it has time, and the next one continues', async () => {
    const ports = new TestPorts(context);
    const inGrace = { ...runningTask(), leaseUntil: morning };
    const store = (count: number, task: TaskRecord, at: number) =>
      Promise.all(
        Array.from({ length: count }, (_, n) => ports.store({ ...task, id: `${at}-${n}` }, { in: 'timers', at })),
      );
    await store(105, inGrace, 1);
    await store(100, aTask({ dueAt: morning }), 2);
    const left = async () => (await ports.listings.due('timers', morning, 300)).length;
    let pages = 0;
    await sweep(ports, () => (pages += 1) <= 2);
    expect(await left()).toBe(105 + 5);
    await sweep(ports, always);
    expect(await left()).toBe(105);
  });

  test('forgets agents that no longer exist and expired shards of the stream', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const changes = [{ id: 'change', at: 0, sequenceNumber: '1', before: undefined, after: aTask() }];
    const countAgain = async () => {
      await ports.counting.add({ shardId: 'shard', changes });
      return (await ports.statistics.queue()).pending;
    };
    expect([await countAgain(), await countAgain()]).toEqual([1, 1]);
    ports.clock.advance('48h');
    for (let part = 0; part < 16; part += 1) {
      await sweep(ports, always);
      ports.clock.advance('1m');
    }
    expect((await ports.another().agents.capable([], 10)).members).toEqual([]);
    expect(await countAgain()).toBe(2);
  });

  test('writes the tasks of a graph whose request died after its commit, a minute later', async () => {
    const ports = new TestPorts(context);
    const tasks = ['one', 'two'].map((key) => ({ key, content: key, routing: 'manual' }));
    const recover = context.edge.intercept((call, next) => (updates('"T"')(call) ? died() : next()));
    await expect(ports.perform(submitGraph, { tasks })).rejects.toThrow('died');
    recover();
    const unwritten = () => ports.graphs.unfinished(ports.clock.now() + day, 10);
    const written = () => ports.listings.lane({ key: '', routing: 'manual' }, 10);

    ports.clock.advance(times.graphWriteMs);
    await sweep(ports, always);
    expect([(await unwritten()).length, (await written()).length]).toEqual([1, 0]);
    ports.clock.advance(1);
    await sweep(ports, always);
    expect([(await unwritten()).length, (await written()).length]).toEqual([0, 2]);
  });
});
