import { MusterClient } from '#clients/sdk/index.ts';
import type { TestMuster } from '../support/test-muster.ts';
import { expect, test } from '../support/muster.ts';
import { busy, first, startProxy, type Fate, type PassingRequest } from './proxy.ts';

const throttled = { status: 429, body: { message: 'Too Many Requests' } };

/** The agents of these tests ignore such tasks. */
const forNobody = { routing: 'manual' as const, requirements: ['nobody'] };

/** A client that reaches Muster through a faulty connection. */
async function clientOver(muster: TestMuster, decide: (request: PassingRequest) => Fate | undefined) {
  const proxy = await startProxy(muster, decide);
  return { client: new MusterClient({ url: proxy.url, key: muster.keys.admin }), proxy };
}

test('a read is retried until there is a response', async ({ muster }) => {
  const fates: (Fate | undefined)[] = [busy, 'lost', throttled];
  const { client, proxy } = await clientOver(muster, () => fates.shift());
  const retried: string[] = [];
  await client.getQueueStatistics({}, { onRetry: ({ code }) => retried.push(code) });
  expect(proxy.requests).toHaveLength(4);
  expect(retried).toEqual(['unavailable', 'no_answer', 'throttled']);
});

test('a read is retried at most 4 times, or as often as the client allows', async ({ muster }) => {
  const { client, proxy } = await clientOver(muster, () => busy);
  await expect(client.getQueueStatistics({}, { retries: 1 })).rejects.toMatchObject({
    code: 'unavailable',
    status: 503,
  });
  expect(proxy.requests).toHaveLength(2);
});

test('a task whose creation is retried after a lost response is created once', async ({ muster }) => {
  const { client } = await clientOver(muster, first(2, '/v1/tasks', 'answer_lost'));
  const task_type = muster.name('once');
  const { task_id } = await client.createTask({ ...forNobody, content: 'once', task_type });
  expect(await muster.find({ task_type })).toMatchObject([{ task_id }]);
});

test('tasks of a batch or graph whose creation is retried are created once', async ({ muster }) => {
  const { client } = await clientOver(muster, first(1, '/batch', 'answer_lost'));
  const task = { ...forNobody, content: 'once', task_type: muster.name('batch') };
  const { results } = await client.createTasks({ tasks: [task, task] });
  expect(results).toHaveLength(2);
  expect(await muster.find({ task_type: task.task_type })).toHaveLength(2);

  const graphs = await clientOver(muster, first(1, '/graphs', 'answer_lost'));
  const inGraph = { ...task, key: 'only', task_type: muster.name('graph') };
  await graphs.client.submitGraph({ tasks: [inGraph] });
  expect(await muster.find({ task_type: inGraph.task_type })).toHaveLength(1);
});

test("the caller's idempotency key is kept", async ({ muster }) => {
  const { client } = await clientOver(muster, () => undefined);
  const input = { ...forNobody, content: 'mine', idempotency_key: muster.name('mine') };
  const [one, other] = [await client.createTask(input), await client.createTask(input)];
  expect(one).toMatchObject({ idempotency_key: input.idempotency_key });
  expect(other.task_id).toBe(one.task_id);
});

test('a completion that names its attempt is retried after a lost response, and counts once', async ({ muster }) => {
  const { client } = await clientOver(muster, first(1, '/complete', 'answer_lost'));
  const agent_id = await muster.agent('agent');
  const task_id = await muster.create({});
  await muster.call('assign_task', { task_id, agent_id });
  await client.startTask({ task_id, attempt: 1 });
  expect(await client.completeTask({ task_id, attempt: 1, result: 1 })).toMatchObject({ status: 'completed' });
  expect(await client.getAgentHealth({ agent_id })).toMatchObject({ total_completed: 1 });
});

test('a claim that lists what is held is retried, and returns the tasks in the lost response', async ({ muster }) => {
  const skill = muster.name('skill');
  const agent_id = await muster.agent('agent', [skill]);
  const task_id = await muster.create({ requirements: [skill] });
  const { client, proxy } = await clientOver(muster, first(1, '/claim', 'answer_lost'));
  expect((await client.claimTasks({ agent_id, holding: [] })).tasks).toMatchObject([{ task_id, attempt: 1 }]);
  expect(proxy.count('/claim')).toBe(2);
});

test('a call that is unsafe to retry is sent once, unless it was refused before anything was done', async ({
  muster,
}) => {
  const { client, proxy } = await clientOver(muster, first(1, '/v1/keys', 'answer_lost'));
  await expect(client.createKey({ role: 'viewer' })).rejects.toMatchObject({ code: 'no_answer', status: undefined });
  expect(proxy.count('/v1/keys')).toBe(1);

  const limited = await clientOver(muster, first(1, '/v1/keys', throttled));
  expect(await limited.client.createKey({ role: 'viewer' })).toMatchObject({ role: 'viewer' });
});

test('a signal aborts a call that is waiting for its response', async ({ muster }) => {
  const reason = new Error('no longer needed');
  const ended = new AbortController();
  const proxy = await startProxy(muster, () => {
    ended.abort(reason);
    return new Promise(() => undefined);
  });
  const client = new MusterClient({ url: proxy.url, key: muster.keys.viewer });
  await expect(client.getQueueStatistics({}, { signal: ended.signal })).rejects.toBe(reason);
});

test('a response is waited for as long as the client allows', async ({ muster }) => {
  const proxy = await startProxy(muster, () => new Promise(() => undefined));
  const client = new MusterClient({ url: proxy.url, key: muster.keys.viewer, timeoutMs: 20, retries: 0 });
  await expect(client.getQueueStatistics()).rejects.toMatchObject({
    code: 'no_answer',
    detail: expect.stringContaining('within 20 ms') as string,
  });
});

test('the logger gets responses, retries and refusals, and never the key', async ({ muster }) => {
  const lines: string[] = [];
  const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const fates: (Fate | undefined)[] = [busy];
  const { proxy } = await clientOver(muster, () => fates.shift());
  const client = new MusterClient({ url: proxy.url, key: muster.keys.admin, logger });
  await client.getQueueStatistics();
  await client.getTask({ task_id: 'nobody' }).catch(() => undefined);
  expect(lines).toEqual([
    expect.stringMatching(/^debug get_queue_statistics: GET \/v1\/stats\/queue 503 in \d+ ms$/),
    expect.stringMatching(/^warn Retrying in \d+ ms: get_queue_statistics: 503 unavailable: /),
    expect.stringMatching(/^debug get_queue_statistics: GET \/v1\/stats\/queue 200 in \d+ ms$/),
    expect.stringMatching(/^debug get_task: GET \/v1\/tasks\/nobody 404 in \d+ ms$/),
    expect.stringMatching(/^warn get_task: 404 task_not_found: /),
  ]);
  const [, , secret = ''] = muster.keys.admin.split('_');
  expect(lines.join('\n')).not.toContain(secret);
});
