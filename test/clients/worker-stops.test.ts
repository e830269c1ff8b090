import { expect, test } from '../support/muster.ts';
import { busy, startProxy } from './proxy.ts';
import { createTask, ended, endlessHandler, gate, skill, startAgent } from './working-agent.ts';

test('after stop, it finishes what it holds within the grace period and takes nothing new', async ({ muster }) => {
  const mayEnd = gate();
  const begun = gate();
  const task = await createTask(muster);
  const agent = startAgent(muster, {
    graceMs: 60_000,
    handler: async () => {
      begun.resolve();
      await mayEnd.promise;
      return 'finished';
    },
  });
  await begun.promise;
  const stopped = agent.stop();
  await expect.poll(async () => (await muster.call('get_agent', { agent_id: agent.id })).state).toBe('left');
  const later = await createTask(muster);
  mayEnd.resolve();
  await stopped;
  expect(await muster.task(task)).toMatchObject({ status: 'completed', result: 'finished' });
  expect(await muster.status(later)).toBe('pending');

  startAgent(muster, { id: agent.id, handler: () => 'started again' });
  expect(await ended(muster, later)).toMatchObject({ status: 'completed', result: 'started again' });
});

test('after stop, it releases what does not end within the grace period, and another agent does it', async ({
  muster,
}) => {
  const { handler, begun, stopped } = endlessHandler();
  const task = await createTask(muster);
  const signal = new AbortController();
  const agent = startAgent(muster, { handler, signal: signal.signal, graceMs: 0 });
  await begun;
  signal.abort();
  await agent.done;
  expect(await stopped).toMatchObject({ code: 'agent_stopping' });
  // On a busy machine, an agent ends before its last requests are answered.
  await expect.poll(() => muster.task(task)).toMatchObject({ status: 'pending', attempt: 1, retry_count: 0 });

  startAgent(muster, { id: muster.name('other'), handler: () => 'by another' });
  expect(await ended(muster, task)).toMatchObject({ status: 'completed', result: 'by another', retry_count: 0 });
});

test('after a restart, it gets the tasks it released at once', async ({ muster }) => {
  const { handler, begun } = endlessHandler();
  const task = await createTask(muster);
  const agent = startAgent(muster, { handler });
  await begun;
  await agent.stop();
  startAgent(muster, { id: agent.id, handler: () => 'by the same' });
  // Not by attempt, since a claim in progress at the stop may have delivered it once more.
  expect(await ended(muster, task)).toMatchObject({ status: 'completed', result: 'by the same', retry_count: 0 });
});

test('after stop, it ends without an error although its next process has its id before the last report is answered', async ({
  muster,
}) => {
  const [reported, mayBeAnswered] = [gate(), gate()];
  const proxy = await startProxy(muster, async ({ path, body }) => {
    const [, task_id] = /^\/v1\/tasks\/(.+)\/complete$/.exec(path) ?? [];
    if (task_id === undefined) return undefined;
    const answer = await muster.call('complete_task', { task_id, ...(body as object) });
    reported.resolve();
    await mayBeAnswered.promise;
    return { status: 200, body: answer };
  });
  const agent = startAgent(muster, { url: proxy.url, heartbeatMs: 20, handler: () => 'done' });
  await createTask(muster);
  await reported.promise;
  const stopped = agent.stop();
  const state = async () => (await muster.call('get_agent', { agent_id: agent.id })).state;
  await expect.poll(state).toBe('left');
  startAgent(muster, { id: agent.id, handler: () => undefined });
  await expect.poll(state).toBe('active');
  const beats = proxy.count('/heartbeat');
  await expect.poll(() => proxy.count('/heartbeat')).toBeGreaterThan(beats + 1);
  mayBeAnswered.resolve();
  await stopped;
});

test('stopped while registering, it does not keep its id from the next process', async ({ muster }) => {
  const [asked, mayGoOn] = [gate(), gate()];
  const proxy = await startProxy(muster, async ({ path }) => {
    if (path !== '/v1/agents') return undefined;
    asked.resolve();
    await mayGoOn.promise;
    return undefined;
  });
  const agent = startAgent(muster, { url: proxy.url, handler: () => undefined });
  await asked.promise;
  const stopped = agent.stop();
  mayGoOn.resolve();
  await stopped;
  const left = () => muster.call('get_agent', { agent_id: agent.id });
  await expect.poll(left).toMatchObject({ state: 'left' });
});

test('after a restart, it gets no work while drained by a person', async ({ muster }) => {
  const before = startAgent(muster, { handler: () => undefined });
  await expect
    .poll(async () => (await muster.call('find_agents', { requirements: [skill(muster)] })).agents)
    .toHaveLength(1);
  await muster.call('drain_agent', { agent_id: before.id });
  await before.stop();
  const warnings: string[] = [];
  const logger = {
    ...console,
    debug: () => undefined,
    info: () => undefined,
    warn: (text: string) => warnings.push(text),
  };
  const agent = startAgent(muster, { id: before.id, logger, handler: () => 'resumed' });
  await expect.poll(() => warnings.join()).toContain('draining');
  const task = await createTask(muster);
  const { instance } = await muster.call('get_agent', { agent_id: agent.id });
  await muster.call('claim_tasks', { agent_id: agent.id, instance: instance?.id });
  expect(await muster.status(task)).toBe('pending');
  await muster.call('resume_agent', { agent_id: agent.id });
  expect(await ended(muster, task)).toMatchObject({ status: 'completed', result: 'resumed' });
});

test('after stop, it releases assigned tasks that it has not seen', async ({ muster }) => {
  const proxy = await startProxy(muster, ({ path }) => (path.endsWith('/claim') ? busy : undefined));
  const agent = startAgent(muster, { url: proxy.url, handler: () => undefined });
  await expect.poll(() => proxy.count('/claim')).toBeGreaterThan(0);
  const task_id = await createTask(muster);
  await muster.call('assign_task', { task_id, agent_id: agent.id });
  await agent.stop();
  await expect.poll(() => muster.task(task_id)).toMatchObject({ status: 'pending', retry_count: 0 });
});

test('an agent stopped before it could register ends', async ({ muster }) => {
  const proxy = await startProxy(muster, () => busy);
  const agent = startAgent(muster, { url: proxy.url, handler: () => undefined });
  await expect.poll(() => proxy.count('/v1/agents')).toBeGreaterThan(0);
  await agent.stop();
});
