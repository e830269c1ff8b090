import { operationOf, type Tool } from '#shared/contract/transports/tools.ts';
import { connectMcp, type McpSession } from '../support/mcp.ts';
import { expect, test } from '../support/muster.ts';

/**
 * Calls tools, each of which must succeed and, if it changes nothing, respond as in the contract; records which were
 * called.
 */
class Caller {
  readonly called = new Set<string>();
  readonly #session: McpSession;

  constructor(session: McpSession) {
    this.#session = session;
  }

  async call(tool: string, input: object = {}): Promise<Record<string, unknown>> {
    const name = `orchestration_${tool}`;
    const { isError, structuredContent = {}, content } = await this.#session.call(name, input);
    if (isError) throw new Error(`${name} was refused: ${content[0]?.text ?? ''}`);
    const row = operationOf(name, input);
    // Responses of changes are shortened.
    if (row?.effect === 'read') expect(row.output.safeParse(structuredContent).error).toBeUndefined();
    expect(JSON.parse(content[0]?.text ?? '')).toEqual(structuredContent);
    this.called.add(name);
    return structuredContent;
  }

  /** Creates a task and returns its id. */
  async create(task: object): Promise<unknown> {
    return (await this.call('create_task', task))['task_id'];
  }
}

test('every tool does what it says', async ({ muster }) => {
  const session = await connectMcp({ url: muster.url, key: muster.keys.admin });
  const tools: Tool[] = await session.tools();
  const mcp = new Caller(session);
  const [agent_id, skill] = muster.names('worker', 'skill');
  const work = { content: 'work', requirements: [skill], routing: 'manual' };

  await mcp.call('register_agent', { agent_id, capabilities: [skill] });
  const first = await mcp.create(work);
  await mcp.call('create_tasks', { tasks: [work, { ...work, dependencies: ['nothing'] }] });
  const { graph_id } = await mcp.call('submit_graph', {
    tasks: [
      { ...work, key: 'a' },
      { ...work, key: 'b', dependencies: ['a'] },
    ],
  });
  expect(await mcp.call('get_graph', { graph_id })).toMatchObject({ total: 2 });
  const nothing = { task_type: muster.name('nothing') };
  for (const tool of ['cancel_tasks', 'retry_tasks'])
    expect(await mcp.call(tool, nothing)).toMatchObject({ changed: 0 });
  expect(await mcp.call('list_dependents', { task_id: first })).toEqual({ tasks: [] });
  await mcp.call('list_graphs');
  expect(await mcp.call('cancel_graph', { graph_id })).toMatchObject({ changed: 2, remaining: 0 });
  expect(await mcp.call('retry_graph', { graph_id })).toMatchObject({ changed: 2, remaining: 0 });
  // The end of the first task may reach the second after its retry, which blocks it for a moment.
  await muster.settled();
  expect(await mcp.call('query_tasks', { graph_id })).toMatchObject({ tasks: [{}, {}] });
  expect(await mcp.call('query_tasks', { graph_id, status: 'waiting' })).toMatchObject({ tasks: [{ title: 'work' }] });
  expect(await mcp.call('query_tasks', { graph_id, status: ['pending', 'waiting'] })).toMatchObject({
    tasks: [{}, {}],
  });

  expect(await mcp.call('explain_task', { task_id: first })).toMatchObject({ state: 'ready' });
  expect(await mcp.call('route_task', { task_id: first })).toMatchObject({ selected_agent: agent_id });
  await mcp.call('assign_task', { task_id: first, agent_id });
  expect(await mcp.call('poll_tasks', { agent_id, status: 'assigned' })).toMatchObject({ count: 1 });
  expect(await mcp.call('poll_tasks', { agent_id })).toMatchObject({ count: 1, tasks: [{ task_id: first }] });
  await mcp.call('start_task', { task_id: first });
  await mcp.call('heartbeat_task', { task_id: first, progress: { percent: 50 } });
  const holding = [{ task_id: first, attempt: 1 }];
  expect(await mcp.call('heartbeat_agent', { agent_id, holding })).toMatchObject({ leases: [{ task_id: first }] });
  await mcp.call('complete_task', { task_id: first, result: [1, null, 'three'], metrics: { duration_ms: 5 } });
  const read = await mcp.call('get_task_status', { task_id: first });
  expect(read).toMatchObject({ status: 'completed', result: [1, null, 'three'] });

  const { tasks: claimed } = await mcp.call('claim_tasks', { agent_id, limit: 2 });
  const [released, failed] = (claimed as { task_id: string }[]).map(({ task_id }) => task_id);
  await mcp.call('release_task', { task_id: released, reason: 'not for me' });
  await mcp.call('fail_task', { task_id: failed, error: 'broken', should_retry: false });
  expect(await mcp.call('retry_task', { task_id: failed })).toMatchObject({ status: 'pending' });
  expect(await mcp.call('cancel_task', { task_id: failed })).toMatchObject({ status: 'cancelled' });

  await mcp.call('learn_capability', { agent_id, capability: muster.name('learned'), confidence: 0.8 });
  await mcp.call('update_agent_performance', { agent_id, success: true, duration_ms: 10 });
  await mcp.call('update_agent_performance', { agent_id, success: true, duration_ms: 10, task_id: first });
  expect(await mcp.call('find_capable_agents', { requirements: [skill] })).toMatchObject({ agents: [{ agent_id }] });
  expect(await mcp.call('get_agent', { agent_id })).toMatchObject({ agent_id, state: 'active' });
  expect(await mcp.call('get_agent_health', { agent_id })).toMatchObject({ total_completed: 2, total_failed: 1 });
  expect(await mcp.call('get_agent_health')).toMatchObject({ skill_distribution: { [skill]: 1 } });
  expect(await mcp.call('drain_agent', { agent_id })).toMatchObject({ state: 'draining' });
  expect(await mcp.call('resume_agent', { agent_id })).toMatchObject({ state: 'active' });

  await muster.settled();
  await mcp.call('get_queue_metrics');
  await mcp.call('get_routing_stats');
  await mcp.call('get_health');
  expect(await mcp.call('get_caller')).toMatchObject({ role: 'admin' });
  await mcp.call('get_recommendations');
  expect(await mcp.call('deregister_agent', { agent_id })).toMatchObject({ deregistered: true });

  expect([...mcp.called].sort()).toEqual(tools.map(({ name }) => name).sort());
});
