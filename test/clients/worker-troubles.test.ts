import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { MusterClient } from '#clients/sdk/index.ts';
import type { Work } from '#clients/sdk/worker/index.ts';
import { start } from '#local/start.ts';
import { expect, test } from '../support/moved-muster.ts';
import { busy, first, startProxy, type Fate, type PassingRequest } from './proxy.ts';
import { createTask, ended, endlessHandler, gate, startAgent } from './working-agent.ts';

test('the lease of a long task is extended', async ({ muster }) => {
  const task = await createTask(muster);
  const mayEnd = gate();
  startAgent(muster, { heartbeatMs: 20, handler: () => mayEnd.promise });
  await expect.poll(() => muster.status(task)).toBe('running');
  for (let round = 0; round < 2; round += 1) {
    await muster.clock.advance('4m');
    const lease = async () => Date.parse((await muster.task(task, 'running')).lease_expires_at) - muster.clock.now();
    await expect.poll(lease).toBeGreaterThan(4 * 60_000);
    await muster.fire('sweep');
  }
  expect(await muster.task(task)).toMatchObject({ status: 'running', attempt: 1 });
  mayEnd.resolve();
  expect(await ended(muster, task)).toMatchObject({ status: 'completed', attempt: 1, retry_count: 0 });
});

test('cancelling a task stops its handler, and nothing is reported', async ({ muster }) => {
  const proxy = await startProxy(muster, () => undefined);
  const { handler: endless, begun, stopped } = endlessHandler();
  const cancelled = await createTask(muster, { task_type: 'endless' });
  startAgent(muster, {
    url: proxy.url,
    maxConcurrentTasks: 1,
    heartbeatMs: 20,
    handlers: { endless, quick: () => 'done' },
  });
  await begun;
  await muster.call('cancel_task', { task_id: cancelled });
  expect(await stopped).toMatchObject({ name: 'AttemptStopped', code: 'cancelled' });

  const next = await createTask(muster, { task_type: 'quick' });
  expect(await ended(muster, next)).toMatchObject({ status: 'completed', result: 'done' });
  expect(proxy.count(`${cancelled}/complete`) + proxy.count(`${cancelled}/fail`)).toBe(0);
});

test('refused progress stops the handler too', async ({ muster }) => {
  const { handler, begun, stopped } = endlessHandler();
  const task = await createTask(muster);
  startAgent(muster, { handler });
  const { progress } = await begun;
  await muster.call('cancel_task', { task_id: task });
  progress(50);
  expect(await stopped).toMatchObject({ code: 'cancelled' });
});

test('a task lost while Muster is unreachable is stopped and done as a new attempt', async ({ muster }) => {
  let isAway = false;
  const proxy = await startProxy(muster, () => (isAway ? busy : undefined));
  const task = await createTask(muster);
  const { handler: endless, begun, stopped } = endlessHandler();
  const handler = (work: Work) => (work.task.attempt === 1 ? endless(work) : `attempt ${work.task.attempt}`);
  startAgent(muster, { url: proxy.url, heartbeatMs: 20, handler });
  await begun;
  isAway = true;
  // A heartbeat that has already passed would renew the lease after the clock was moved.
  await expect.poll(proxy.underWay).toBe(0);
  await muster.clock.advance('6m');
  await muster.fire('sweep');
  expect(await muster.task(task)).toMatchObject({ status: 'pending', retry_count: 1 });
  isAway = false;
  expect(await stopped).toMatchObject({ code: 'lost' });
  await muster.clock.advance('10s');
  await muster.fire('sweep');
  expect(await ended(muster, task)).toMatchObject({ status: 'completed', attempt: 2, result: 'attempt 2' });
});

test('tasks of a claim whose response was lost are done once', async ({ muster }) => {
  const proxy = await startProxy(muster, first(1, '/claim', 'answer_lost'));
  const task = await createTask(muster);
  const begun: string[] = [];
  startAgent(muster, { url: proxy.url, handler: ({ task: { task_id } }) => void begun.push(task_id) });
  expect(await ended(muster, task)).toMatchObject({ status: 'completed', attempt: 1 });
  expect(begun).toEqual([task]);
});

test('tasks in the lost response to a report are done once, and the report counts once', async ({ muster }) => {
  const proxy = await startProxy(muster, first(1, '/complete', 'answer_lost'));
  const tasks = [await createTask(muster), await createTask(muster)];
  const begun: string[] = [];
  const { id: agent_id } = startAgent(muster, {
    url: proxy.url,
    maxConcurrentTasks: 1,
    handler: ({ task: { task_id } }) => void begun.push(task_id),
  });
  for (const task of tasks) expect(await ended(muster, task)).toMatchObject({ status: 'completed', attempt: 1 });
  expect(begun.sort()).toEqual(tasks.sort());
  const outcomes = () => muster.call('get_agent_health', { agent_id });
  await expect.poll(outcomes).toMatchObject({ total_completed: 2, total_failed: 0, load: 0 });
});

test('with every third request or response lost, each task is done once', async ({ muster }) => {
  const fates: (Fate | undefined)[] = [
    undefined,
    'answer_lost',
    undefined,
    undefined,
    busy,
    undefined,
    undefined,
    'lost',
  ];
  let count = 0;
  const proxy = await startProxy(muster, () => fates[count++ % fates.length]);
  const tasks = await Promise.all(Array.from({ length: 10 }, () => createTask(muster)));
  const begun: string[] = [];
  const { id: agent_id } = startAgent(muster, {
    url: proxy.url,
    handler: ({ task: { task_id } }) => void begun.push(task_id),
  });
  for (const task of tasks) expect(await ended(muster, task)).toMatchObject({ status: 'completed', attempt: 1 });
  expect(begun.sort()).toEqual(tasks.sort());
  const outcomes = () => muster.call('get_agent_health', { agent_id });
  await expect.poll(outcomes).toMatchObject({ total_completed: 10, total_failed: 0, load: 0 });
});

test('an attempt delivered by two responses runs once', async ({ muster }) => {
  const held = gate();
  const mayPass = gate();
  let isHolding = false;
  const holdClaims = async ({ path }: PassingRequest): Promise<Fate | undefined> => {
    if (!isHolding || !path.endsWith('/claim')) return undefined;
    held.resolve();
    await mayPass.promise;
    return undefined;
  };
  const proxy = await startProxy(muster, holdClaims);
  const mayEnd = [gate(), gate()];
  const begun: string[] = [];
  const handler = async ({ task }: Work) => {
    begun.push(task.task_id);
    await mayEnd[begun.length - 1]?.promise;
  };
  startAgent(muster, { url: proxy.url, maxConcurrentTasks: 2, handler });
  const one = await createTask(muster);
  await expect.poll(() => begun).toEqual([one]);

  // A claim that does not list the second task is in progress while the report of the first one returns it.
  isHolding = true;
  await held.promise;
  const two = await createTask(muster);
  mayEnd[0]?.resolve();
  await expect.poll(() => begun).toEqual([one, two]);
  const claims = proxy.count('/claim');
  mayPass.resolve();
  await expect.poll(() => proxy.count('/claim')).toBeGreaterThan(claims);
  mayEnd[1]?.resolve();
  expect(await ended(muster, two)).toMatchObject({ status: 'completed', attempt: 1 });
  expect(begun).toEqual([one, two]);
});

test('it keeps working when Muster is restarted in the middle of a task', async ({ muster }) => {
  const data = mkdtempSync(join(tmpdir(), 'muster-restart-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const before = await start({ data, quiet: true, schedules: false });
  const { keys } = before;
  const running = { url: before.url };
  const { url } = await startProxy(running, () => undefined);
  const client = new MusterClient({ url, key: keys.admin });
  const begun = gate();
  const mayEnd = gate();
  startAgent(muster, {
    url,
    key: keys.admin,
    capabilities: [],
    handler: async ({ task }) => {
      begun.resolve();
      await mayEnd.promise;
      return task.content;
    },
  });
  const { task_id } = await client.createTask({ content: 'in the middle', routing: 'manual' });
  await begun.promise;
  await before.stop();
  mayEnd.resolve();
  const after = await start({ data, quiet: true, schedules: false });
  onTestFinished(() => after.stop());
  running.url = after.url;

  expect(await client.waitFor(task_id)).toMatchObject({
    status: 'completed',
    attempt: 1,
    result: 'in the middle',
  });
  const next = await client.createTask({ content: 'after it', routing: 'manual' });
  expect(await client.waitFor(next.task_id)).toMatchObject({ status: 'completed', result: 'after it' });
});
