import { expect, test } from 'vitest';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { failTask } from '#shared/operations/work/fail-task.ts';
import { startTask } from '#shared/operations/work/start-task.ts';
import { publishChanges } from '#shared/reactions/publish-changes.ts';
import type { PublicEvents } from '#shared/schema.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { allTaskChanges } from '../support/task-changes.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('by the setting publicEvents', createMusterTables, (context) => {
  /** What one setting publishes for all changes, one at a time, and how often that reads the edges of a task. */
  async function published(publicEvents: PublicEvents) {
    const ports = new TestPorts(context, { publicEvents });
    const changes = await allTaskChanges(context);
    const before = context.meter.snapshot();
    for (const change of changes) await publishChanges(ports, { shardId: publicEvents, changes: [change] });
    return {
      events: ports.published.map(({ type, detail }) => `${type} ${detail.attempt} ${detail.has_dependents}`),
      released: ports.releases.map(({ task_id }) => task_id),
      queries: context.meter.since(before).total({ action: 'Query' }).calls,
    };
  }

  test('a task completed in its first attempt has no, one or four events', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada', false);
    await ports.perform(startTask, { task_id: id }, 'ada');
    await ports.perform(completeTask, { task_id: id }, 'ada');

    const [none, ended, all] = [await published('none'), await published('ended'), await published('all')];
    expect(none.events).toEqual([]);
    expect(ended.events).toEqual(['Task Completed 1 false']);
    expect(all.events).toEqual([
      'Task Ready 0 false',
      'Task Assigned 1 false',
      'Task Started 1 false',
      'Task Completed 1 false',
    ]);
    expect([none.queries, ended.queries, all.queries]).toEqual([1, 1, 4]);
  });

  test('every way to end is published, or nothing is, and dependents are released in any case', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const parent = await ports.create();
    await ports.create({ dependencies: [parent.id] });
    const first = await ports.give(parent, 'ada');
    await ports.perform(failTask, { task_id: first.id, error: 'no answer' });
    ports.clock.advance('5s');
    const { id } = await ports.give(await ports.task(parent.id), 'ada');
    await ports.perform(failTask, { task_id: id, error: 'no answer', should_retry: false });

    const [none, ended, all] = [await published('none'), await published('ended'), await published('all')];
    expect(none).toMatchObject({ events: [], released: [id], queries: 1 });
    expect(ended).toMatchObject({ events: ['Task Requeued 1 true', 'Task Failed 2 true'], released: [id], queries: 2 });
    expect(all).toMatchObject({
      events: [
        'Task Ready 0 true',
        'Task Started 1 true',
        'Task Requeued 1 true',
        'Task Started 2 true',
        'Task Failed 2 true',
      ],
      released: [id],
      queries: 5,
    });
  });
});
