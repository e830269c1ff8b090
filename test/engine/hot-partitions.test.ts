/** A DynamoDB partition without capacity holds up only what uses it. */
import { onTestFinished, expect, test } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import type { Fault } from '../support/faults.ts';
import { submitGraph } from '#shared/operations/graphs/submit-graph.ts';
import { createTasks } from '#shared/operations/tasks/create-tasks.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { hotPartition } from '../support/faults.ts';
import { updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { edgeTo } from '../support/task-life.ts';
import { aWaitingTask } from '../support/tasks.ts';
import { refusalCode, TestPorts } from '../support/test-ports.ts';

const always = () => true;

describeOnEngine('with a hot partition', createMusterTables, (context) => {
  const strike = (fault: Fault): Fault => {
    onTestFinished(context.edge.intercept(fault.hook));
    return fault;
  };
  /** Gains less than half a write per attempt, however fast the machine is. */
  const hotLane = () => {
    let ms = 0;
    return hotPartition('R#hot', 100, () => (ms += 2));
  };
  const throttled = () => Promise.resolve(awsError('ThrottlingException', 'No capacity.'));

  /** Dependents of one completed task that have not been updated yet; half of them are in another lane. */
  async function family(ports: TestPorts, count: number): Promise<string[]> {
    const children = Array.from({ length: count }, (_, n) =>
      aWaitingTask(1, { id: `child-${n}`, lane: n % 2 === 0 ? 'hot' : 'cold' }),
    );
    await Promise.all(children.map((child) => ports.store(child, { in: 'checks', at: ports.clock.now() })));
    const edges = children.map((child) => ({ ...edgeTo(child, 0), parentId: 'parent' }));
    await ports.tasks.putEdges(edges, ports.clock.now());
    return children.map(({ id }) => id);
  }
  const statuses = async (ports: TestPorts, ids: readonly string[]) =>
    (await ports.tasks.getMany(ids, { consistent: true })).map(({ status }) => status);

  test('every dependent is released, at the pace that the partition allows', async () => {
    const ports = new TestPorts(context);
    const ids = await family(ports, 80);
    const { happened } = strike(hotLane());
    expect(await releaseDependents(ports, { id: 'parent', status: 'completed' })).toBe(true);
    expect(new Set(await statuses(ports, ids))).toEqual(new Set(['pending']));
    expect(happened()).toBeGreaterThan(0);
  });

  test('a dependent that is always throttled holds up no other, and the release reports that it is not done', async () => {
    const ports = new TestPorts(context);
    const ids = await family(ports, 60);
    const recover = context.edge.intercept((call, next) => (updates('T#child-3"')(call) ? throttled() : next()));
    let looks = 0;
    const hasTime = () => (looks += 1) < 20;
    expect(await releaseDependents(ports, { id: 'parent', status: 'completed' }, { hasTime })).toBe(false);
    expect((await statuses(ports, ids)).flatMap((status, n) => (status === 'waiting' ? [n] : []))).toEqual([3]);

    recover();
    const before = context.meter.snapshot();
    expect(await releaseDependents(ports, { id: 'parent', status: 'completed' }, { isRepeat: true })).toBe(true);
    expect(context.meter.since(before).total().writeUnits).toBeLessThanOrEqual(3);
    expect(new Set(await statuses(ports, ids))).toEqual(new Set(['pending']));
  });

  test('a dependent that fails for another reason holds up no other either, and the release fails', async () => {
    const ports = new TestPorts(context);
    const ids = await family(ports, 60);
    const broken = () => Promise.resolve(awsError('ValidationException', 'The item is too large.'));
    onTestFinished(context.edge.intercept((call, next) => (updates('T#child-3"')(call) ? broken() : next())));
    await expect(releaseDependents(ports, { id: 'parent', status: 'completed' })).rejects.toThrow('too large');
    expect((await statuses(ports, ids)).filter((status) => status === 'waiting')).toHaveLength(1);
  });

  test('a graph is written completely', async () => {
    const ports = new TestPorts(context);
    const tasks = Array.from({ length: 60 }, (_, n) => ({ key: `k${n}`, content: 'work', requirements: ['hot'] }));
    const { happened } = strike(hotLane());
    await ports.perform(submitGraph, { tasks });
    expect(await ports.listings.lane({ key: 'hot', routing: 'auto' }, 100)).toHaveLength(60);
    expect(happened()).toBeGreaterThan(0);
  });

  test('a graph that cannot be written in time is not a success, and is finished by the sweep', async () => {
    const ports = new TestPorts(context);
    const ready = async () => (await ports.listings.lane({ key: '', routing: 'auto' }, 100)).length;
    const tasks = Array.from({ length: 30 }, (_, n) => ({ key: `k${n}`, content: `work ${n}` }));
    const recover = context.edge.intercept((call, next) => {
      if (!updates('work 3\\"')(call)) return next();
      ports.clock.advance('5s');
      return throttled();
    });
    const input = { tasks, idempotency_key: 'key' };
    expect(await refusalCode(ports.perform(submitGraph, input))).toBe('unavailable');
    expect(await ready()).toBe(29);
    recover();
    ports.clock.advance('1m');
    expect(await sweep(ports, always)).toEqual([]);
    expect(await ready()).toBe(30);
    expect(await refusalCode(ports.perform(submitGraph, input))).toBe('not refused');
  });

  test('a graph that cannot be written holds up neither other graphs nor the rest of the sweep', async () => {
    const ports = new TestPorts(context);
    const graphOf = (name: string) => ({
      tasks: Array.from({ length: 3 }, (_, n) => ({ key: `k${n}`, content: 'work', requirements: [name] })),
      idempotency_key: name,
    });
    const throttle = (partitions: string) =>
      context.edge.intercept((call, next) => {
        if (!updates(partitions)(call)) return next();
        ports.clock.advance('5s');
        return throttled();
      });
    const recover = throttle('"R#');
    const names = ['hot', 'cold', 'cool'];
    for (const name of names) expect(await refusalCode(ports.perform(submitGraph, graphOf(name)))).toBe('unavailable');
    recover();
    const { id } = await ports.create({ routing: 'auto', requirements: ['lane'] });
    onTestFinished(throttle('"R#hot"'));
    ports.clock.advance('2m');
    const sweepFor = (ms: number) => {
      const end = ports.clock.now() + ms;
      return sweep(ports, () => ports.clock.now() < end);
    };
    expect(await sweepFor(1000)).toEqual([]);
    expect(ports.sentWakeUps).toContainEqual({ wakeUp: { task_id: id } });
    expect(await sweepFor(45_000)).toEqual([]);
    const ready = await Promise.all(names.map((key) => ports.listings.lane({ key, routing: 'auto' }, 10)));
    expect(ready.map((tasks) => tasks.length)).toEqual([0, 3, 3]);
  });

  test('the tasks of a batch are created except refused ones, each with its own error', async () => {
    const ports = new TestPorts(context);
    const tasks = Array.from({ length: 20 }, (_, n) => ({ content: 'work', requirements: [n === 7 ? 'hot' : 'cold'] }));
    const isHot = updates('"R#hot"');
    const recover = context.edge.intercept((call, next) => (isHot(call) ? throttled() : next()));
    const { results } = (await ports.perform(createTasks, { tasks })) as { results: { error?: { code: string } }[] };
    expect(results.map(({ error }) => error?.code)).toEqual(tasks.map((_, n) => (n === 7 ? 'unavailable' : undefined)));

    expect(await refusalCode(ports.perform(createTasks, { tasks: tasks.slice(7, 8) }))).toBe('unavailable');
    recover();
  });
});
