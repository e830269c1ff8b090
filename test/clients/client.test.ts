import { build } from 'esbuild';
import { expectTypeOf } from 'vitest';
import type { OperationName, OutputOf } from '#clients/sdk/index.ts';
import { MusterClient, MusterError } from '#clients/sdk/index.ts';
import { operations } from '#shared/contract/operations.ts';
import { expect, test } from '../support/muster.ts';
import { rowOf } from '../support/operation-request.ts';
import { startProxy } from './proxy.ts';

/** A client whose responses must match the contract; records which operations were performed. */
class CheckedClient extends MusterClient {
  readonly performed = new Set<OperationName>();

  override async call<Name extends OperationName>(
    ...[operation, input, options]: Parameters<MusterClient['call']>
  ): Promise<OutputOf<Name>> {
    const answer = await super.call(operation, input, options);
    rowOf(operation).output.parse(answer);
    this.performed.add(operation);
    return answer;
  }
}

test('a program that uses the SDK loads only the SDK and the text formatting', async () => {
  const { metafile } = await build({
    stdin: { contents: "export * from './index.ts'; export * from './worker/index.ts'", resolveDir: 'clients/sdk' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
  });
  const foreign = Object.keys(metafile.inputs).filter((file) => !file.startsWith('clients/sdk/') && file !== '<stdin>');
  expect(foreign).toEqual(['shared/contract/prose.ts']);
  const [bytes = 0] = Object.values(metafile.outputs).map((output) => output.bytes);
  expect(bytes).toBeLessThan(26_000);
});

test('every operation is a method that returns what its type says', async ({ muster }) => {
  const client = new CheckedClient({ url: muster.url, key: muster.keys.admin });
  const [agent_id, python, sql] = muster.names('agent', 'python', 'sql');
  const work = { routing: 'manual' as const, requirements: [python] };

  const { openapi } = await client.openapi();
  expect(openapi).toMatch(/^3\.1/);
  const { capabilities } = await client.registerAgent({ agent_id, capabilities: [python], max_concurrent_tasks: 10 });
  expect(capabilities).toMatchObject([{ name: python }]);
  expect(await client.learnCapability({ agent_id, capability: sql })).toMatchObject({ agent_id });
  expect(await client.getAgent({ agent_id })).toMatchObject({ agent_id, state: 'active' });
  expect(await client.drainAgent({ agent_id })).toMatchObject({ state: 'draining' });
  expect(await client.resumeAgent({ agent_id })).toMatchObject({ state: 'active' });
  const { agents } = await client.findAgents({ requirements: [python, sql], available: true });
  expect(agents).toMatchObject([{ agent_id }]);

  const { task_id } = await client.createTask({ content: 'first', ...work });
  expect(await client.routeTask({ task_id })).toMatchObject({ selected_agent: agent_id });
  expect((await client.pollTasks({ agent_id, status: 'pending' })).tasks).toMatchObject([{ task_id }]);
  expect(await client.assignTask({ task_id, agent_id })).toMatchObject({ status: 'assigned', attempt: 1 });
  expect(await client.startTask({ task_id, attempt: 1 })).toMatchObject({ status: 'running' });
  await client.heartbeatTask({ task_id, attempt: 1, progress: { percent: 50 } });
  const { leases } = await client.heartbeatAgent({ agent_id, holding: [{ task_id, attempt: 1 }] });
  expect(leases).toMatchObject([{ task_id }]);
  expect(await client.explainTask({ task_id })).toMatchObject({ state: 'held', held_by: agent_id });
  expect(await client.completeTask({ task_id, attempt: 1, result: { rows: 3 } })).toMatchObject({
    status: 'completed',
  });
  expect(await client.getTask({ task_id })).toMatchObject({ result: { rows: 3 } });

  const { results } = await client.createTasks({
    tasks: [
      { content: 'second', ...work },
      { content: 'third', ...work },
    ],
  });
  const [second = '', third = ''] = results.map((one) => ('task' in one ? one.task.task_id : ''));
  const { tasks } = await client.claimTasks({ agent_id, limit: 2, holding: [] });
  expect(tasks.map((task) => task.task_id).sort()).toEqual([second, third].sort());
  expect(await client.releaseTask({ task_id: second, attempt: 1, reason: 'not me' })).toMatchObject({
    status: 'pending',
  });
  const failure = { task_id: third, attempt: 1, error: 'no such file', should_retry: false };
  expect(await client.failTask(failure)).toMatchObject({ status: 'failed' });
  expect(await client.retryTask({ task_id: third })).toMatchObject({ status: 'pending' });
  expect(await client.cancelTask({ task_id: third, reason: 'not needed' })).toMatchObject({ status: 'cancelled' });
  expect((await client.queryTasks({ agent_id, status: 'completed' })).tasks).toMatchObject([{ task_id }]);

  const theirs = { task_type: muster.name('nothing') };
  // If many tasks belong to other tests, the page ends before all are read.
  expect(await client.cancelTasks(theirs)).toMatchObject({ changed: 0, refused: [] });
  expect(await client.retryTasks(theirs)).toMatchObject({ changed: 0, refused: [] });
  expect((await client.listDependents({ task_id })).tasks).toEqual([]);

  const dependencies = [{ task_id: third, on_failure: 'run_anyway' as const }];
  const only = { key: 'only', content: 'fourth', dependencies, ...work };
  const { graph_id = '' } = await client.submitGraph({ tasks: [only] });
  expect(await client.getGraph({ graph_id })).toMatchObject({
    total: 1,
    tasks: [{ dependencies: [third], dependency_policies: { [third]: 'run_anyway' } }],
  });
  expect((await client.listGraphs({ limit: 100 })).graphs).toContainEqual(
    expect.objectContaining({ graph_id, total: 1 }),
  );
  expect(await client.cancelGraph({ graph_id })).toMatchObject({ changed: 1, remaining: 0 });
  expect(await client.retryGraph({ graph_id })).toMatchObject({ changed: 1, remaining: 0 });

  await client.updateAgentPerformance({ agent_id, success: true, duration_ms: 20 });
  expect(await client.getAgentHealth({ agent_id })).toMatchObject({ total_completed: 2, total_failed: 1 });
  await client.getQueueStatistics();
  expect((await client.recount({})).tasks).toBeGreaterThanOrEqual(0);
  await client.getAgentStatistics();
  await client.getRoutingStatistics();
  await client.getHealth();
  await client.getRecommendations();
  expect(await client.getCaller()).toMatchObject({ role: 'admin', stage: 'local' });

  const { key_id } = await client.createKey({ role: 'viewer', name: muster.name('key') });
  expect((await client.listKeys()).keys.map((key) => key.key_id)).toContain(key_id);
  expect(await client.revokeKey({ key_id })).toHaveProperty('revoked_at');
  expect(await client.deregisterAgent({ agent_id })).toMatchObject({ deregistered: true });

  expect([...client.performed].sort()).toEqual(operations.map(({ name }) => name).sort());
});

test('a refusal is an error with everything in the response', async ({ muster }) => {
  const client = new MusterClient({ url: muster.url, key: muster.keys.producer });
  const refused = await client.createTask({ content: '', priority: 'high' }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(MusterError);
  expect(refused).toMatchObject({
    operation: 'create_task',
    code: 'invalid_input',
    status: 422,
    errors: [{ pointer: '/content' }],
    instance: expect.any(String) as string,
    hint: expect.any(String) as string,
  });
  expect(String(refused)).toContain('/content');
});

test('a response that is not from Muster is an error that says what to check', async ({ muster }) => {
  const client = new MusterClient({ url: `${muster.url}/elsewhere`, key: muster.keys.producer });
  await expect(client.getQueueStatistics()).rejects.toMatchObject({
    code: 'unexpected_answer',
    status: 404,
    hint: expect.stringContaining('URL') as string,
  });
});

test('a missing path field is refused before anything is sent', async () => {
  const client = new MusterClient({ url: 'http://127.0.0.1:1', key: 'none' });
  await expect(client.getTask({} as { task_id: string })).rejects.toThrow('get_task requires task_id');
});

test('lists are read page by page to the end', async ({ muster }) => {
  const client = new MusterClient({ url: muster.url, key: muster.keys.admin });
  const created = await Promise.all(
    Array.from({ length: 5 }, () => muster.create({ task_type: muster.name('paged') })),
  );
  const listed: string[] = [];
  const statuses: ('pending' | 'waiting')[] = ['pending', 'waiting'];
  const paged = client.tasks({ task_type: muster.name('paged'), status: statuses, limit: 2 });
  for await (const task of paged) listed.push(task.task_id);
  expect(listed.sort()).toEqual(created.sort());

  const agents = await Promise.all(['a', 'b', 'c'].map((name) => muster.agent(name, [muster.name('skill')])));
  const found = [];
  for await (const agent of client.agents({ requirements: [muster.name('skill')], limit: 1 }))
    found.push(agent.agent_id);
  expect(found.sort()).toEqual(agents.sort());

  const { key_id } = await client.createKey({ role: 'viewer' });
  const keys = [];
  for await (const key of client.keys({ limit: 1 })) keys.push(key.key_id);
  expect(keys).toContain(key_id);
});

test('a task that appears again on a later page is listed once', async ({ muster }) => {
  const pages = [{ tasks: [{ task_id: 'a' }], next_cursor: 'next' }, { tasks: [{ task_id: 'a' }, { task_id: 'b' }] }];
  const headers = { 'content-type': 'application/json' };
  const { url } = await startProxy(muster, () => ({ status: 200, headers, body: pages.shift() }));
  const listed = [];
  for await (const { task_id } of new MusterClient({ url, key: muster.keys.admin }).tasks()) listed.push(task_id);
  expect(listed).toEqual(['a', 'b']);
});

test('a producer can wait for the end of a task', async ({ muster }) => {
  const client = new MusterClient({ url: muster.url, key: muster.keys.producer });
  const task = await muster.create({});
  const waiting = client.waitFor(task);
  await muster.finish(task, 'found');
  const ended = await waiting;
  expect(ended).toMatchObject({ status: 'completed', result: 'found' });
  // The compiler knows the fields of a task in this state.
  expectTypeOf<typeof ended.status>().toEqualTypeOf<'completed' | 'failed' | 'cancelled'>();
  if (ended.status === 'completed') expectTypeOf(ended.completed_at).toEqualTypeOf<string>();
  if (ended.status === 'failed') expectTypeOf(ended.error).toEqualTypeOf<string>();
});
