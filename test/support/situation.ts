/** A Muster in which every operation has something to do, and everything exists that makes one refuse. */
import type { Code } from '#shared/contract/problem.ts';
import type { OperationName } from '#shared/contract/operations.ts';
import type { InputOf } from './operation-request.ts';
import type { TestMuster } from './test-muster.ts';

type Inputs = { [Name in OperationName]: InputOf<Name> };

/** How to change a valid input so that an operation refuses it with a code. */
type Mistakes = { [Name in OperationName]?: Partial<Record<Code, Partial<InputOf<Name>>>> };

export type Situation = Awaited<ReturnType<typeof prepare>>;

/** Creates agents, tasks and keys, and returns for each operation a valid input and inputs for all of its refusals. */
export async function prepare(muster: TestMuster) {
  const skill = muster.name('skill');
  const many = Array.from({ length: 100 }, (_, n) => `${skill}-${n}`);
  const [holder, other, unskilled, full, draining] = muster.names('holder', 'other', 'unskilled', 'full', 'draining');
  const [expert, removed, nobody] = muster.names('expert', 'removed', 'nobody');
  await muster.agent('holder', [skill], { max_concurrent_tasks: 100 });
  await muster.agent('unskilled', []);
  await muster.agent('full', [skill], { max_concurrent_tasks: 1 });
  await muster.agent('expert', many.slice(1));
  await muster.call('learn_capability', { agent_id: expert, capability: `${skill}-learned` });
  for (const name of ['other', 'draining', 'removed']) await muster.agent(name);

  const assign = async (agent_id: string) => {
    const task_id = await muster.create({});
    await muster.call('assign_task', { task_id, agent_id });
    return task_id;
  };
  const begin = async () => {
    const task_id = await assign(holder);
    await muster.call('start_task', { task_id });
    return task_id;
  };
  const result = 'done';
  const finish = async () => {
    const task_id = await begin();
    await muster.call('complete_task', { task_id, result });
    return task_id;
  };

  await assign(full);
  await muster.call('drain_agent', { agent_id: draining });
  const [pending, toAssign, toCancel, cancelled] = await muster.create([{}, {}, {}, {}]);
  const waiting = await muster.create({ dependencies: [pending] });
  const later = new Date(muster.clock.now() + 3_600_000).toISOString();
  const delayed = await muster.create({ not_before: later });
  const [running, completed] = [await begin(), await finish()];
  await muster.call('cancel_task', { task_id: cancelled });
  const toRetry = await begin();
  await muster.call('fail_task', { task_id: toRetry, error: 'x', should_retry: false });
  const usedKey = muster.name('used');
  await muster.create({ content: 'first', idempotency_key: usedKey });
  const graph = (content: string) => ({ tasks: [{ key: 'a', content }], idempotency_key: usedKey });
  const { graph_id = '' } = await muster.call('submit_graph', graph('first'));
  const { key_id } = await muster.call('create_key', { role: 'viewer' });
  const agentKey = (await muster.call('create_key', { role: 'agent', agent_id: other })).key;

  const inputs: Inputs = {
    create_task: { content: 'x', routing: 'manual', requirements: [skill] },
    get_task: { task_id: pending },
    query_tasks: { status: 'pending' },
    poll_tasks: { agent_id: holder },
    assign_task: { task_id: toAssign, agent_id: holder },
    route_task: { task_id: pending },
    start_task: { task_id: await assign(holder) },
    complete_task: { task_id: await begin(), result },
    fail_task: { task_id: await begin(), error: 'x' },
    heartbeat_task: { task_id: running },
    claim_tasks: { agent_id: holder },
    cancel_task: { task_id: toCancel },
    retry_task: { task_id: toRetry },
    list_dependents: { task_id: pending },
    cancel_tasks: { task_type: nobody },
    retry_tasks: { task_type: nobody },
    create_tasks: {
      tasks: [
        { content: 'x', dependencies: [nobody] },
        { content: 'x', routing: 'manual' },
      ],
    },
    release_task: { task_id: await begin(), reason: 'not me' },
    explain_task: { task_id: pending },
    submit_graph: { tasks: [{ key: 'a', content: 'x', requirements: [skill], routing: 'manual' }] },
    get_graph: { graph_id },
    list_graphs: {},
    cancel_graph: { graph_id },
    retry_graph: { graph_id },
    register_agent: { agent_id: other, capabilities: [skill] },
    get_agent: { agent_id: holder },
    find_agents: { requirements: [skill] },
    deregister_agent: { agent_id: removed },
    learn_capability: { agent_id: other, capability: `${skill}-more` },
    update_agent_performance: { agent_id: other, success: true, duration_ms: 1 },
    get_agent_health: { agent_id: holder },
    heartbeat_agent: { agent_id: holder, holding: [{ task_id: running, attempt: 1 }] },
    drain_agent: { agent_id: other },
    resume_agent: { agent_id: other },
    get_queue_statistics: {},
    get_agent_statistics: {},
    get_routing_statistics: {},
    get_health: {},
    get_recommendations: {},
    recount: {},
    create_key: { role: 'viewer' },
    list_keys: {},
    revoke_key: { key_id },
    get_caller: {},
    openapi: {},
  };

  // Last, because its id is free after a minute of silence.
  const inUse = await muster.agent('in-use', [skill], { instance: 'process-1' });

  const noTask = { task_not_found: { task_id: nobody } };
  const noAgent = { agent_not_found: { agent_id: nobody } };
  const replaced = { agent_replaced: { agent_id: holder, instance: 'process-2' } };
  const report = {
    ...noTask,
    not_holder: { agent_id: other },
    stale_attempt: { attempt: 99 },
    task_cancelled: { task_id: cancelled },
    already_ended: { task_id: completed },
  };
  const mistakes: Mistakes = {
    create_task: {
      unknown_dependency: { dependencies: [nobody] },
      idempotency_mismatch: { idempotency_key: usedKey },
    },
    get_task: noTask,
    poll_tasks: noAgent,
    assign_task: {
      ...noTask,
      ...noAgent,
      not_capable: { agent_id: unskilled },
      agent_at_capacity: { agent_id: full },
      agent_draining: { agent_id: draining },
      already_held: { task_id: running, agent_id: other },
      not_pending: { task_id: waiting },
      not_due: { task_id: delayed },
      already_ended: { task_id: completed },
    },
    route_task: noTask,
    start_task: {
      ...report,
      ...replaced,
      not_assigned: { task_id: pending },
      agent_in_use: { task_id: await assign(inUse), agent_id: inUse },
    },
    complete_task: {
      ...report,
      not_running: { task_id: pending },
      already_ended: { task_id: completed, result: 'another' },
    },
    fail_task: { ...report, not_assigned: { task_id: pending } },
    heartbeat_task: { ...report, ...replaced, not_running: { task_id: pending } },
    claim_tasks: { ...noAgent, ...replaced, agent_in_use: { agent_id: inUse } },
    cancel_task: { ...noTask, already_ended: { task_id: completed } },
    retry_task: { ...noTask, not_retryable: { task_id: pending } },
    list_dependents: noTask,
    release_task: { ...report, not_assigned: { task_id: pending } },
    explain_task: noTask,
    submit_graph: {
      unknown_dependency: { tasks: [{ key: 'a', content: 'x', dependencies: [nobody] }] },
      dependency_cycle: { tasks: [{ key: 'a', content: 'x', dependencies: ['a'] }] },
      idempotency_mismatch: graph('second'),
    },
    get_graph: { graph_not_found: { graph_id: nobody } },
    cancel_graph: { graph_not_found: { graph_id: nobody } },
    retry_graph: { graph_not_found: { graph_id: nobody } },
    register_agent: {
      too_many_capabilities: { agent_id: expert, capabilities: many },
      agent_in_use: { agent_id: inUse, instance: 'process-2' },
    },
    get_agent: noAgent,
    learn_capability: { ...noAgent, too_many_capabilities: { agent_id: expert } },
    update_agent_performance: noAgent,
    get_agent_health: noAgent,
    heartbeat_agent: { ...noAgent, ...replaced },
    drain_agent: { ...noAgent, ...replaced },
    resume_agent: noAgent,
    revoke_key: {
      key_not_found: { key_id: '0'.repeat(12) },
      own_key: { key_id: muster.keys.admin.split('_')[1] ?? '' },
    },
  };
  return { inputs, mistakes, holder, agentKey };
}
