/** The stream of changes may be read again from its beginning; none of its consequences happens or counts twice. */
import { onTestFinished } from 'vitest';
import type { Intercept } from '#local/edge/edge.ts';
import { expect, test } from '../support/own-muster.ts';
import { maxFirstRetryDelayMs } from '../support/test-muster.ts';

/** Keeps all stream records that pass, and on demand delivers them all before those of the next page. */
function replayable() {
  const passed: unknown[] = [];
  let isDue = false;
  const hook: Intercept = async ({ action }, next) => {
    const answer = await next();
    if (action !== 'GetRecords' || answer?.status !== 200) return answer;
    const page = JSON.parse(answer.body) as { Records: unknown[] };
    const again = isDue && page.Records.length > 0 ? [...passed] : [];
    passed.push(...page.Records);
    if (again.length === 0) return answer;
    isDue = false;
    return { ...answer, body: JSON.stringify({ ...page, Records: [...again, ...page.Records] }) };
  };
  return { hook, passed, replay: () => (isDue = true), isReplayed: () => !isDue };
}

test('statistics, agents and tasks are the same after a replay of the whole stream', async ({ muster }) => {
  const stream = replayable();
  onTestFinished(muster.local.edge.intercept(stream.hook));
  const agent_id = await muster.agent('worker', undefined, { max_concurrent_tasks: 10 });
  const auto = { routing: 'auto' as const };
  const [completed, failed, retried, cancelled, released, parent] = await muster.create([
    auto,
    auto,
    auto,
    auto,
    auto,
    {},
  ]);
  const child = await muster.create({ dependencies: [parent], ...auto });
  const blocked = await muster.create({ dependencies: [failed] });
  await muster.call('submit_graph', { tasks: [{ key: 'a', content: 'a', requirements: [muster.name('nobody')] }] });
  for (const task_id of [completed, failed, retried, cancelled, released]) await muster.until(task_id, 'assigned');
  await muster.finish(completed);
  await muster.fail(failed);
  await muster.fail(retried, true);
  await muster.call('cancel_task', { task_id: cancelled });
  await muster.call('release_task', { task_id: released, reason: 'not me' });
  await muster.finish(parent);
  await muster.until(child, 'assigned');
  await muster.until(blocked, 'blocked');
  await muster.clock.advance(maxFirstRetryDelayMs);
  await muster.until(retried, 'assigned');

  const look = async () => {
    await muster.settled();
    const { oldest_pending_seconds: _, per_minute, ...counts } = await muster.call('get_queue_statistics', {});
    const inAllMinutes = (name: 'created' | 'completed' | 'failed' | 'cancelled') =>
      per_minute.reduce((sum, minute) => sum + minute[name], 0);
    const ends = [inAllMinutes('completed'), inAllMinutes('failed'), inAllMinutes('cancelled')];
    const queue = { ...counts, created: inAllMinutes('created'), ends };
    const tasks = [completed, failed, retried, cancelled, released, parent, child, blocked];
    const { capabilities, health } = await muster.call('get_agent', { agent_id });
    const { last_seen_at: _seen, ...record } = health;
    return { queue, tasks: await Promise.all(tasks.map((id) => muster.task(id))), capabilities, record };
  };
  const before = await look();
  expect(before.queue).toMatchObject({ completed: 2, failed: 1, cancelled: 1, blocked: 1, assigned: 2, pending: 2 });
  expect(before.queue).toMatchObject({ created: before.queue.total, ends: [2, 1, 1] });
  for (let n = 1; n <= 2; n += 1) {
    stream.replay();
    // A change is needed so that the stream is read.
    await muster.create({});
    const { queue, ...rest } = await look();
    expect(stream.isReplayed()).toBe(true);
    const { pending, total, created } = before.queue;
    expect(queue).toEqual({ ...before.queue, pending: pending + n, total: total + n, created: created + n });
    expect(rest).toEqual({ tasks: before.tasks, capabilities: before.capabilities, record: before.record });
  }
  expect(stream.passed.length).toBeGreaterThan(20);
});
