import { expect, test } from 'vitest';
import { submitGraph } from '#shared/operations/graphs/submit-graph.ts';
import { cancelTask } from '#shared/operations/tasks/cancel-task.ts';
import { createTask } from '#shared/operations/tasks/create-task.ts';
import { createTasks } from '#shared/operations/tasks/create-tasks.ts';
import { retryTask } from '#shared/operations/tasks/retry-task.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { releaseTask } from '#shared/operations/work/release-task.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('an operation that makes a task ready', createMusterTables, (context) => {
  /** The wake-ups sent to the router since the last call. */
  const told = (ports: TestPorts) =>
    ports.sentWakeUps.splice(0).flatMap(({ wakeUp }) => ('task_id' in wakeUp ? [wakeUp.task_id] : []));

  test('by creating it wakes the router, in one call per request, and only for tasks it may assign now', async () => {
    const ports = new TestPorts(context);
    const create = async (input: object) =>
      ((await ports.perform(createTask, { content: 'work', ...input })) as { task_id: string }).task_id;
    const first = await create({});
    expect(told(ports)).toEqual([first]);
    const soon = new Date(ports.clock.now() + 60_000).toISOString();
    for (const input of [{ routing: 'manual' }, { not_before: soon }, { dependencies: [first] }]) await create(input);
    expect(told(ports)).toEqual([]);

    const tasks = [{ content: 'one' }, { content: 'two' }, { content: 'three', dependencies: [first] }];
    const { results } = (await ports.perform(createTasks, { tasks })) as { results: { task: { task_id: string } }[] };
    expect(told(ports)).toEqual(results.slice(0, 2).map(({ task }) => task.task_id));
  });

  test('by creating many tasks leaves them to the stream consumer', async () => {
    const ports = new TestPorts(context);
    await ports.perform(createTasks, { tasks: Array.from({ length: 11 }, (_, n) => ({ content: `work ${n}` })) });
    expect(told(ports)).toEqual([]);
  });

  test('by submitting a graph wakes the router for its roots', async () => {
    const ports = new TestPorts(context);
    const tasks = [
      { key: 'a', content: 'a' },
      { key: 'b', content: 'b', dependencies: ['a'] },
      { key: 'c', content: 'c' },
    ];
    const graph = (await ports.perform(submitGraph, { tasks })) as { tasks: Record<string, string> };
    expect(told(ports).sort()).toEqual([graph.tasks['a'], graph.tasks['c']].sort());
  });

  test('by retrying or releasing it wakes the router', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const task = await ports.create({ routing: 'auto' });
    await ports.perform(cancelTask, { task_id: task.id });
    await ports.perform(retryTask, { task_id: task.id });
    expect(told(ports)).toEqual([task.id]);
    const { id, attempt } = await ports.give(await ports.task(task.id), 'ada');
    await ports.perform(releaseTask, { task_id: id, reason: 'busy', attempt }, 'ada');
    expect(told(ports)).toEqual([id]);
  });

  test('by completing its last dependency wakes the router, unless an agent gets the task with it', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const one = await ports.give(await ports.create(), 'ada');
    const child = await ports.create({ dependencies: [one.id], routing: 'auto', requirements: ['rust'] });
    const grandchild = await ports.create({ dependencies: [child.id], routing: 'auto' });
    await ports.perform(completeTask, { task_id: one.id });
    expect(told(ports)).toEqual([child.id]);

    await ports.give(await ports.task(child.id), 'ada');
    const answer = await ports.perform(completeTask, { task_id: child.id, claim_next: 1 }, 'ada');
    const { claimed } = answer as { claimed: { task_id: string }[] };
    const all = [...claimed.map(({ task_id }) => task_id), ...told(ports)];
    expect(all).toEqual([grandchild.id]);
  });

  test('responds even if the router could not be woken', async () => {
    const ports = new TestPorts(context);
    const deaf = Object.assign(Object.create(ports) as TestPorts, {
      wakeUps: { send: () => Promise.reject(new Error('no queue')) },
    });
    await expect(deaf.perform(createTask, { content: 'work' })).resolves.toMatchObject({ status: 'pending' });
  });
});
