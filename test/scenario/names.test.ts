/**
 * Names that people use, through every transport: their characters are separators in keys, paths, queries and lists.
 */
import { MusterClient } from '#clients/sdk/index.ts';
import { runCli } from '../support/cli.ts';
import { connectMcp } from '../support/mcp.ts';
import { expect, test } from '../support/muster.ts';

test('capabilities and task types may contain + # and /, and agent ids may contain @', async ({ muster }) => {
  const capabilities = ['c++', 'c#', 'gpu/a100', 'f#/net+core'].map((name) => muster.name(name));
  const [plus = '', sharp = '', slash = '', all = ''] = capabilities;
  const agent_id = await muster.agent('builder@host-1', [plus, sharp, slash], { max_concurrent_tasks: 20 });
  const task_type = muster.name('build/c#+');

  const learned = await muster.call('learn_capability', { agent_id, capability: all, confidence: 0.5 });
  expect(learned.capabilities.map(({ name }) => name).sort()).toEqual([...capabilities].sort());
  for (const requirements of [...capabilities.map((name) => [name]), capabilities]) {
    expect((await muster.call('find_agents', { requirements })).agents).toMatchObject([{ agent_id }]);
    const task = await muster.create({ requirements, task_type, routing: 'auto' });
    expect((await muster.until(task, 'assigned')).assigned_to).toBe(agent_id);
  }
  const waiting = await muster.create({ requirements: [sharp, slash], task_type });
  expect(await muster.call('explain_task', { task_id: waiting })).toMatchObject({ state: 'ready', position: 1 });
  const missing = await muster.create({ requirements: [`${plus}+`], task_type });
  const { did_you_mean } = await muster.call('explain_task', { task_id: missing });
  expect(did_you_mean).toMatchObject({ [`${plus}+`]: expect.arrayContaining([plus]) as string[] });
  const claimed = await muster.call('claim_tasks', { agent_id, task_types: [task_type], limit: 10 });
  expect(new Set(claimed.tasks.map((task) => task.task_type))).toEqual(new Set([task_type]));
  await muster.finish(claimed.tasks[0]?.task_id ?? '');
  await muster.settled();

  const env = { MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin };
  const cli = async (...args: string[]) => (await runCli([...args, '--json'], { env })).stdout.trimEnd();
  expect(JSON.parse(await cli('agent', 'get', agent_id))).toMatchObject({ agent_id });
  expect(JSON.parse(await cli('agent', 'list', '--requirements', `${plus},${sharp}`))).toMatchObject({ agent_id });
  expect((await cli('task', 'list', '--task-type', task_type, '--all')).split('\n')).toHaveLength(7);

  const session = await connectMcp({ url: muster.url, key: muster.keys.admin });
  const found = await session.call('orchestration_find_capable_agents', { requirements: [slash, sharp] });
  expect(found.structuredContent).toMatchObject({ agents: [{ agent_id }] });
  const health = await session.call('orchestration_get_agent_health', { agent_id });
  expect(health.structuredContent).toMatchObject({ agent_id, total_completed: 1 });

  const client = new MusterClient({ url: muster.url, key: muster.keys.admin });
  const listed = [];
  for await (const task of client.tasks({ task_type, agent_id })) listed.push(task.task_id);
  expect(listed).toEqual(expect.arrayContaining(claimed.tasks.map((task) => task.task_id)));
  expect(await client.deregisterAgent({ agent_id })).toMatchObject({ agent_id, deregistered: true });
});
