import { expect, test } from 'vitest';
import { times } from '#shared/domain/settings.ts';
import { cancelTask } from '#shared/operations/tasks/cancel-task.ts';
import { submitGraph } from '#shared/operations/graphs/submit-graph.ts';
import type { GraphRecord } from '#shared/ports.ts';
import { describeOnBothEngines } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { day, hour, minute } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnBothEngines('a graph', createMusterTables, (context) => {
  const graph = (ports: TestPorts, bodyHash = 'body'): GraphRecord => ({
    id: 'graph',
    bodyHash,
    createdAt: ports.clock.now(),
    tasks: [],
  });

  test('is committed once: whoever comes later gets the one that was first', async () => {
    const ports = new TestPorts(context);
    const bodies = ['one', 'two', 'three', 'four'];
    const committed = await Promise.all(bodies.map((body) => ports.graphs.commit(graph(ports, body))));
    expect(new Set(committed.map(({ bodyHash }) => bodyHash)).size).toBe(1);
    expect(await ports.graphs.commit(graph(ports, 'five'))).toEqual(await ports.graphs.get('graph'));
    expect(await ports.graphs.get('graph')).toEqual(committed[0]);
  });

  test('is found as open from a time on, until it is closed, which is for good', async () => {
    const ports = new TestPorts(context);
    const openedAt = ports.clock.now();
    const stillOpen = (before: number) => ports.graphs.stillOpen(before, 10);
    await ports.graphs.open('graph', openedAt);
    expect(await stillOpen(openedAt)).toEqual([]);
    expect(await stillOpen(openedAt + 1)).toEqual([{ id: 'graph', openedAt }]);
    expect(await ports.graphs.isClosed('graph')).toBe(false);

    await ports.graphs.close('graph');
    await ports.graphs.open('graph', openedAt + minute);
    expect(await stillOpen(openedAt + hour)).toEqual([]);
    expect(await ports.graphs.isClosed('graph')).toBe(true);
  });

  test('does not exist any more when the longest life of a task and the retention are over', async () => {
    const ports = new TestPorts(context);
    await ports.graphs.commit(graph(ports));
    ports.clock.advance(times.maxAgeMs + ports.settings.retentionMs - day);
    expect(await ports.graphs.get('graph')).toMatchObject({ id: 'graph' });
    ports.clock.advance(day);
    expect(await ports.graphs.get('graph')).toBeUndefined();
  });

  test('that is submitted again does not bring back tasks whose retention is over', async () => {
    const ports = new TestPorts(context);
    const input = { tasks: [{ key: 'one', content: 'once', routing: 'manual' }], idempotency_key: 'key' };
    const submitted = await ports.perform(submitGraph, input);
    const [ready] = await ports.listings.lane({ key: '', routing: 'manual' }, 10);
    const id = ready?.id ?? '';
    await ports.perform(cancelTask, { task_id: id });
    ports.clock.advance(ports.settings.retentionMs);
    expect(await ports.perform(submitGraph, input)).toEqual(submitted);
    expect(await ports.tasks.get(id)).toBeUndefined();
    expect(await ports.listings.lane({ key: '', routing: 'manual' }, 10)).toEqual([]);
  });
});
