import { afterAll, beforeAll, expect, test } from 'vitest';
import { start, type Muster } from '#local/start.ts';
import { TestMuster } from '../support/test-muster.ts';

const maxOpenTasks = 3;
/** Longer than the count of open tasks is cached. */
const later = '31s';

let local: Muster;
beforeAll(async () => {
  const settings = { maxOpenTasks: String(maxOpenTasks) };
  local = await start({ settings, quiet: true, schedules: false, warm: false, throttle: false });
});
afterAll(() => local.stop());

test('a stage refuses tasks beyond its maximum of open ones, says when to retry, and accepts more when some have ended', async ({
  skip,
}) => {
  const muster = new TestMuster({ namespace: 'open', local, url: local.url, keys: local.keys, skip });
  const body = { content: 'x', requirements: [], idempotency_key: 'first' };
  const first = await muster.call('create_task', body);
  const graph = [
    { key: 'a', content: 'x' },
    { key: 'b', content: 'x', dependencies: ['a'] },
  ];
  const { graph_id } = await muster.call('submit_graph', { tasks: graph, idempotency_key: 'graph' });
  await muster.settled();
  await muster.clock.advance(later);

  for (const [path, more] of [
    ['/v1/tasks', { content: 'x' }],
    ['/v1/tasks/batch', { tasks: [{ content: 'x' }] }],
    ['/v1/graphs', { tasks: graph }],
  ] as const) {
    const { status, headers, body: problem } = await muster.http('POST', path, more);
    expect({ status, retryAfter: headers.get('retry-after'), problem }, path).toMatchObject({
      status: 429,
      retryAfter: '10',
      problem: { code: 'too_many_open_tasks', detail: '3 tasks are open; the maximum is 3.' },
    });
  }
  // Accepted requests can be repeated, and requests that create nothing are not refused.
  expect((await muster.call('create_task', body)).task_id).toBe(first.task_id);
  expect((await muster.call('create_tasks', { tasks: [body] })).results[0]).toHaveProperty('task');
  expect((await muster.call('submit_graph', { tasks: graph, idempotency_key: 'graph' })).graph_id).toBe(graph_id);
  expect(await muster.call('submit_graph', { tasks: graph, dry_run: true })).toHaveProperty('order', ['a', 'b']);

  await muster.call('cancel_task', { task_id: first.task_id });
  await muster.settled();
  await muster.clock.advance('1s');
  expect((await muster.call('create_task', { content: 'x' })).status).toBe('pending');
});
