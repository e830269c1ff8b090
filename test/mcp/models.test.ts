import { describe } from 'vitest';
import type { Tool } from '#shared/contract/transports/tools.ts';
import { connections, connectMcp, type McpSession } from '../support/mcp.ts';
import { seedTools } from '../support/seed-tools.ts';
import { expect, test } from '../support/muster.ts';

/** The result of a call that must succeed. */
async function answerOf(session: McpSession, tool: string, input: object) {
  const { isError, structuredContent = {}, content } = await session.call(`orchestration_${tool}`, input);
  if (isError) throw new Error(content[0]?.text);
  return structuredContent;
}

describe.each(connections)('a model, by $name,', ({ connect }) => {
  test('sends null for what it omits, and everything as text', async ({ muster }) => {
    const session = await connect({ url: muster.url, key: muster.keys.admin });
    const [skill, other] = muster.names('skill', 'other');
    const task = await answerOf(session, 'create_task', {
      content: '42',
      requirements: `${skill}, ${other}`,
      metadata: '{"ticket":"A-1"}',
      max_attempts: '2',
      priority: null,
      dependencies: null,
      not_before: null,
    });
    expect(task).toMatchObject({ requirements: [other, skill], metadata: { ticket: 'A-1' }, max_attempts: 2 });
    expect(task).toMatchObject({ priority: 'medium', dependencies: [] });

    const tasks = JSON.stringify([{ key: 'a', content: 'x', requirements: null, dependencies: null }]);
    const plan = await answerOf(session, 'submit_graph', { tasks, dry_run: 'true', idempotency_key: null });
    expect(plan).toMatchObject({ order: ['a'] });

    const parent = await muster.create({});
    const dependencies = JSON.stringify([{ task_id: parent, on_failure: 'run_anyway' }]);
    const { task_id } = await answerOf(session, 'create_task', { content: 'x', dependencies, routing: 'manual' });
    expect(await answerOf(session, 'get_task_status', { task_id })).toMatchObject({
      dependencies: [parent],
      dependency_policies: { [parent]: 'run_anyway' },
    });

    const health = await answerOf(session, 'get_agent_health', { agent_id: null });
    expect(health).toHaveProperty('skill_distribution');
  });

  test('is refused if a number in text would change, or a text is not JSON of the declared type', async ({
    muster,
  }) => {
    const session = await connect({ url: muster.url, key: muster.keys.admin });
    const refused = await session.call('orchestration_create_task', {
      content: 'x',
      metadata: '{"row":1970670598291982291}',
    });
    expect(refused.structuredContent).toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/metadata/row' }] });
    const wrong = await session.call('orchestration_query_tasks', { limit: 'many' });
    expect(wrong.structuredContent).toMatchObject({
      errors: [{ pointer: '/limit', message: 'must be a whole number, not "many"' }],
    });
  });

  test('is offered the tools of a set, and no others', async ({ muster }) => {
    const session = await connect({ url: muster.url, key: muster.keys.admin, tools: 'seed' });
    expect((await session.tools()).map(({ name }) => name).sort()).toEqual([...seedTools].sort());
    expect(session.instructions).not.toContain('orchestration_claim_tasks');
    expect(await answerOf(session, 'query_tasks', { limit: 1 })).toHaveProperty('tasks');
    await expect(session.call('orchestration_claim_tasks', { agent_id: 'a' })).rejects.toThrow(
      'orchestration_claim_tasks is not one of the seed tools. To use it, connect without ?tools in the address.',
    );
  });
});

test('a nonexistent tool is refused with the name of an existing one', async ({ muster }) => {
  const session = await connectMcp({ url: muster.url, key: muster.keys.admin });
  const refusal = (name: string) => expect(session.call(name)).rejects;
  await refusal('create_task').toThrow('Unknown tool create_task. Did you mean orchestration_create_task?');
  await refusal('orchestration_claim_task').toThrow('Did you mean orchestration_claim_tasks?');
  await refusal('browse').toThrow('Unknown tool browse. tools/list names those there are.');
});

test('the response to a change omits what is long and known', async ({ muster }) => {
  const session = await connectMcp({ url: muster.url, key: muster.keys.admin });
  const [agent_id, skill] = muster.names('worker', 'skill');
  const content = 'x'.repeat(100_000);
  const registered = await answerOf(session, 'register_agent', { agent_id, capabilities: [skill] });
  expect(registered).toMatchObject({ agent_id, state: 'active', capabilities: [{ name: skill }] });
  const work = { content, requirements: [skill], routing: 'manual' };
  const created = await answerOf(session, 'create_task', work);
  const batch = await answerOf(session, 'create_tasks', { tasks: [work, { ...work, dependencies: ['nothing'] }] });
  expect(batch).toMatchObject({
    results: [{ task: { status: 'pending' } }, { error: { code: 'unknown_dependency' } }],
  });

  const { task_id } = created;
  const answers = [
    registered,
    created,
    batch,
    await answerOf(session, 'assign_task', { task_id, agent_id }),
    await answerOf(session, 'start_task', { task_id }),
    await answerOf(session, 'complete_task', { task_id, result: content }),
    await answerOf(session, 'cancel_task', {
      task_id: (batch['results'] as { task: { task_id: string } }[])[0]?.task.task_id,
    }),
    await answerOf(session, 'drain_agent', { agent_id }),
  ];
  for (const answer of answers) expect(JSON.stringify(answer).length).toBeLessThan(1_500);
  expect(await answerOf(session, 'get_task_status', { task_id })).toMatchObject({ content, result: content });
});

test('claimed work comes with its content', async ({ muster }) => {
  const session = await connectMcp({ url: muster.url, key: muster.keys.admin });
  const skill = muster.name('skill');
  const agent_id = await muster.agent('worker', [skill]);
  await muster.create({ content: 'count', requirements: [skill] });
  const next = await muster.create({ content: 'count on', requirements: [skill] });
  const claim = await answerOf(session, 'claim_tasks', { agent_id });
  const [{ task_id }] = claim['tasks'] as [{ task_id: string }];
  expect(claim).toMatchObject({ tasks: [{ content: 'count' }] });
  const done = await answerOf(session, 'complete_task', { task_id, agent_id, claim_next: '1' });
  expect(done).toMatchObject({ claimed: [{ task_id: next, content: 'count on' }] });
});

test('the lists fit into a context, and no tool repeats the format of refusals', async ({ muster }) => {
  const agent_id = muster.name('worker');
  const { key } = await muster.call('create_key', { role: 'agent', agent_id });
  const bytesOf = (tools: Tool[]) => Buffer.byteLength(JSON.stringify({ tools }));
  const admin = await connectMcp({ url: muster.url, key: muster.keys.admin });
  const agent = await connectMcp({ url: muster.url, key });
  expect(bytesOf(await admin.tools())).toBeLessThanOrEqual(40_000);
  expect(bytesOf(await agent.tools())).toBeLessThanOrEqual(28_000);
  expect(JSON.stringify(await admin.tools())).not.toContain('agent_at_capacity');
  expect(admin.instructions).toContain('A refused call returns a problem: code,');
});
