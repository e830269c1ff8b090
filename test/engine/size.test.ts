import { expect, test } from 'vitest';
import { awsAnswer } from '#local/edge/call.ts';
import { limits } from '#shared/contract/limits.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { failTask } from '#shared/operations/work/fail-task.ts';
import { heartbeatTask } from '#shared/operations/work/heartbeat-task.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { releaseTask } from '#shared/operations/work/release-task.ts';
import { startTask } from '#shared/operations/work/start-task.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { inState } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('the item of a task', createMusterTables, (context) => {
  /** The write units that a step uses for the item itself, without indexes and what is stored separately. */
  async function unitsOf(step: () => Promise<unknown>): Promise<number> {
    const before = context.meter.snapshot();
    await step();
    const { tasks: table } = context.tables;
    const used = context.meter.since(before);
    const units = (action: string) => used.total({ table, index: '', action }).writeUnits;
    return units('PutItem') + units('UpdateItem');
  }

  test('takes one write unit per change, with payload, a failure and the result in it', async () => {
    const ports = new TestPorts(context);
    await ports.register('research_worker_0042');
    const [one, two] = [(await ports.create()).id, (await ports.create()).id];
    const input = {
      content: 'Compare what the two reports say about the market, and name every contradiction.',
      dependencies: [one, two],
      requirements: ['data-analysis', 'web-search'],
    };
    let id = '';
    const give = async () => ports.give(await ports.task(id), 'research_worker_0042');
    const error = 'The page did not answer within 30 seconds, and neither did the copy of it in the archive. '.repeat(
      9,
    );
    const progress = { percent: 50, message: 'Read the first of the two reports, with 14 tables' };
    const steps = {
      create: async () => {
        ({ id } = await ports.create(input));
      },
      'first dependency': () => releaseDependents(ports, { id: one, status: 'completed' }),
      'last dependency': () => releaseDependents(ports, { id: two, status: 'completed' }),
      assign: give,
      fail: () => ports.perform(failTask, { task_id: id, error }),
      'assign again': async () => {
        ports.clock.advance('5m');
        await give();
      },
      heartbeat: () => ports.perform(heartbeatTask, { task_id: id, progress }),
      complete: () => ports.perform(completeTask, { task_id: id, result: 'No contradiction. '.repeat(6) }),
    };
    const units: Record<string, number> = {};
    for (const [name, step] of Object.entries(steps)) units[name] = await unitsOf(step);
    expect(await ports.task(id)).toMatchObject({ payload: { content: input.content }, report: {}, log: [{}] });
    expect(units).toEqual(Object.fromEntries(Object.keys(steps).map((name) => [name, 1])));
  });

  test.each([
    { title: '語'.repeat(limits.titleLength), content: 'do it', count: 15 },
    { title: 'T'.repeat(80), content: 'x'.repeat(240), count: 0 },
  ])(
    'takes one write unit, however long its names and reasons are, with $count dependencies',
    async ({ title, content, count }) => {
      const ports = new TestPorts(context);
      const wide = (letter: string, length: number) => letter.repeat(length);
      const parents = await Promise.all(Array.from({ length: count }, () => ports.create()));
      const { id } = await ports.create({
        task_type: wide('t', 64),
        title,
        content,
        priority: 'critical',
        requirements: [wide('s', 31), wide('t', 32)],
        dependencies: parents.map((parent) => parent.id),
        on_dependency_failure: 'run_anyway',
        not_before: new Date(ports.clock.now() + 60_000).toISOString(),
        timeout_seconds: limits.timeoutSeconds - 1,
        max_attempts: limits.maxAttempts,
      });
      const reason = wide('語', limits.reasonLength);
      const progress = { percent: 100, message: wide('"', limits.progressMessageLength) };
      const units: Record<string, number> = {};
      const measured = async (name: string, step: () => Promise<unknown>) => {
        units[name] = Math.max(units[name] ?? 0, await unitsOf(step));
      };
      const back: [string, (agent: string) => Promise<unknown>][] = [
        ['release', () => ports.perform(releaseTask, { task_id: id, reason })],
        ['fail', () => ports.perform(failTask, { task_id: id, error: reason })],
        ['complete', () => ports.perform(completeTask, { task_id: id, result: wide('r', 117) })],
      ];
      for (const parent of parents)
        await measured('dependency', () => releaseDependents(ports, { id: parent.id, status: 'completed' }));
      for (const [name, end] of back) {
        for (let n = 0; n < (name === 'complete' ? 1 : 7); n += 1) {
          ports.clock.advance('6m');
          const agent = `${name}-${n}`.padEnd(64, 'x');
          const instance = { id: wide('i', 16), since: ports.clock.now() };
          await ports.agents.register({ id: agent, capabilities: [], maximum: 5, instance }, ports.clock.now());
          await measured('assign', async () => ports.give(await ports.task(id), agent, false));
          await measured('start', () =>
            ports.perform(startTask, { task_id: id, agent_id: agent, instance: instance.id }),
          );
          await measured('heartbeat', () => ports.perform(heartbeatTask, { task_id: id, progress }));
          await measured(name, () => end(agent));
        }
      }
      expect(await ports.task(id)).toMatchObject({ status: 'completed', report: {}, log: [{}] });
      const names = [
        'assign',
        'start',
        'heartbeat',
        'release',
        'fail',
        'complete',
        ...(count > 0 ? ['dependency'] : []),
      ];
      expect(units).toEqual(Object.fromEntries(names.map((name) => [name, 1])));
    },
  );
});

describeOnEngine('what is stored separately from a task', createMusterTables, (context) => {
  const long = 'long '.repeat(100);

  test('is what would make every change of the task more expensive', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create({ content: long }), 'ada');
    await ports.perform(completeTask, { task_id: id, result: long });
    const task = inState('completed', await ports.task(id));
    expect([task.payload, task.report]).toEqual([undefined, undefined]);
    expect((await ports.tasks.payloads([task])).get(id)).toMatchObject({ content: long });
    expect((await ports.tasks.reports([task])).get(id)).toEqual({ result: long });
  });

  test('is found even if an eventually consistent read does not see it yet', async () => {
    const ports = new TestPorts(context);
    const task = await ports.create({ content: long });
    const late = context.edge.intercept(async (call, next) =>
      JSON.stringify(call.body).includes('"ConsistentRead":false')
        ? awsAnswer(200, { Responses: { [context.tables.tasks]: [] } })
        : next(),
    );
    const found = await ports.tasks.payloads([task]);
    late();
    expect(found.get(task.id)?.content).toBe(long);
  });
});
