/** Eight scenarios that use every operation, with clients that retry as real clients do. */
import type { OperationName } from '#shared/contract/operations.ts';
import { admin, agentIdentity, type Answer } from '../api.ts';
import type { Clients, Program } from './clients.ts';

type Input = Record<string, unknown>;
type Given = { task_id: string; attempt: number };

const maxTries = 6;

/** The calls of one client, as an admin or an agent. */
class Caller {
  readonly #clients: Clients;
  readonly #agent: string | undefined;

  constructor(clients: Clients, agent?: string) {
    this.#clients = clients;
    this.#agent = agent;
  }

  /** Repeats a call until there is any response. */
  async call(operation: OperationName, input: Input = {}): Promise<Input> {
    const identity = this.#agent === undefined ? admin : agentIdentity(this.#agent);
    let answer: Answer = { status: 0, body: {} };
    for (let n = 0; n < maxTries && (answer.status === 0 || answer.status >= 500); n += 1) {
      if (n > 0) await this.#clients.sleep(1000);
      answer = await this.#clients.request(operation, input, identity);
    }
    return answer.body;
  }

  /** Claims until the agent gets tasks, for a while. */
  async claim(limit: number, start = true): Promise<Given[]> {
    for (let n = 0; n < 3; n += 1) {
      const { tasks = [] } = await this.call('claim_tasks', { agent_id: this.#agent, limit, start, holding: [] });
      if ((tasks as Given[]).length > 0) return tasks as Given[];
      await this.#clients.sleep(5000);
    }
    return [];
  }
}

const idOf = ({ task_id }: Input) => String(task_id);

async function dependencies(clients: Clients): Promise<void> {
  const [producer, one] = [new Caller(clients), new Caller(clients, 'one')];
  await one.call('register_agent', { agent_id: 'one', capabilities: ['read'], max_concurrent_tasks: 2 });
  const parent = await producer.call('create_task', {
    content: 'parent',
    requirements: ['read'],
    idempotency_key: 'p',
    routing: 'manual',
  });
  const child = { content: 'child', dependencies: [idOf(parent)], idempotency_key: 'c', routing: 'manual' };
  await producer.call('create_task', child);
  for (const { task_id, attempt } of await one.claim(1)) {
    await one.call('heartbeat_task', { task_id, attempt, progress: { percent: 10 } });
    await one.call('complete_task', { task_id, attempt, result: 'long '.repeat(100) });
  }
  await clients.sleep(5000);
  for (const { task_id, attempt } of await one.claim(1)) {
    await one.call('complete_task', { task_id, attempt, result: 1, claim_next: 1, holding: [] });
  }
  await producer.call('create_task', child);
  await producer.call('get_task', { task_id: idOf(parent) });
  await producer.call('query_tasks', { status: 'completed' });
}

/** A task of a graph that requires the capability to read. */
const link = (key: string, dependencies: string[], more: Input = {}) => ({
  key,
  content: key,
  dependencies,
  requirements: ['read'],
  ...more,
});

/** Registers two agents, of which the first can read, and submits a graph for them. */
async function submitToTwo(clients: Clients, second: Input, graph: Input) {
  const [producer, one, two] = [new Caller(clients), new Caller(clients, 'one'), new Caller(clients, 'two')];
  await one.call('register_agent', { agent_id: 'one', capabilities: ['read'], max_concurrent_tasks: 1 });
  await two.call('register_agent', { agent_id: 'two', ...second });
  const { graph_id } = await producer.call('submit_graph', graph);
  return { producer, one, two, graph_id };
}

/**
 * A chain whose tasks the same agent gets with each completion, an independent task, and one that requires another
 * capability.
 */
async function chain(clients: Clients): Promise<void> {
  const task = (key: string, dependencies: string[], more: Input = {}) =>
    link(key, dependencies, { routing: 'manual', ...more });
  const second = { capabilities: ['write'], max_concurrent_tasks: 2 };
  const { producer, one, two, graph_id } = await submitToTwo(clients, second, {
    tasks: [
      task('a', []),
      task('b', ['a']),
      task('c', ['b', 'x'], { priority: 'high' }),
      task('x', ['a'], { priority: 'low' }),
      task('w', ['a'], { requirements: ['write'] }),
    ],
    idempotency_key: 'chain',
  });
  let [held] = await one.claim(1);
  for (let n = 0; n < 4 && held; n += 1) {
    const { task_id, attempt } = held;
    const { claimed = [] } = await one.call('complete_task', {
      task_id,
      attempt,
      result: 1,
      claim_next: 1,
      holding: [],
    });
    [held] = claimed as Given[];
    held ??= (await one.claim(1))[0];
  }
  for (const { task_id, attempt } of await two.claim(1))
    await two.call('complete_task', { task_id, attempt, result: 2 });
  await producer.call('get_graph', { graph_id });
}

/** Two agents that are assigned the tasks of a chain as they become ready, and one task that neither is capable of. */
async function pushedChain(clients: Clients): Promise<void> {
  const second = { capabilities: ['read'], max_concurrent_tasks: 1 };
  const { producer, one, two, graph_id } = await submitToTwo(clients, second, {
    tasks: [
      link('a', []),
      link('b', ['a']),
      link('c', ['a'], { priority: 'low' }),
      link('d', ['b', 'c']),
      link('w', ['a'], { requirements: ['write'] }),
    ],
    idempotency_key: 'pushed chain',
  });
  await clients.sleep(2000);
  for (let n = 0; n < 3; n += 1) {
    for (const agent of [one, two]) {
      const [held] = await agent.claim(1);
      if (held) await agent.call('complete_task', { task_id: held.task_id, attempt: held.attempt, result: 1 });
    }
  }
  await producer.call('get_graph', { graph_id });
}

async function graphs(clients: Clients): Promise<void> {
  const [producer, one] = [new Caller(clients), new Caller(clients, 'one')];
  await one.call('register_agent', { agent_id: 'one', capabilities: [], max_concurrent_tasks: 3 });
  const task = (key: string, needs: string[]) => ({
    key,
    content: key,
    dependencies: needs,
    routing: 'manual',
    max_attempts: 1,
  });
  const graph = { tasks: [task('a', []), task('b', ['a']), task('c', ['a', 'b'])], idempotency_key: 'g' };
  const { graph_id } = await producer.call('submit_graph', graph);
  for (const { task_id, attempt } of await one.claim(1)) {
    await one.call('fail_task', { task_id, attempt, error: 'on purpose' });
    await clients.sleep(5000);
    await producer.call('explain_task', { task_id });
    await producer.call('retry_task', { task_id });
  }
  for (const { task_id, attempt } of await one.claim(1))
    await one.call('complete_task', { task_id, attempt, result: 2 });
  await producer.call('submit_graph', graph);
  await producer.call('get_graph', { graph_id });
  await producer.call('list_graphs');
  await producer.call('cancel_graph', { graph_id });
  await producer.call('retry_graph', { graph_id });
}

async function pushed(clients: Clients): Promise<void> {
  const [producer, one, two] = [new Caller(clients), new Caller(clients, 'one'), new Caller(clients, 'two')];
  await one.call('register_agent', { agent_id: 'one', capabilities: ['read'], max_concurrent_tasks: 2 });
  const task = await producer.call('create_task', { content: 'pushed', requirements: ['read'] });
  await clients.sleep(2000);
  const { tasks = [] } = await one.call('poll_tasks', { agent_id: 'one', status: 'assigned' });
  for (const { task_id, attempt } of tasks as Given[]) {
    await one.call('start_task', { task_id, attempt });
    await one.call('fail_task', { task_id, attempt, error: 'again', should_retry: true });
  }
  await two.call('register_agent', { agent_id: 'two', capabilities: ['read'], max_concurrent_tasks: 1 });
  await producer.call('route_task', { task_id: idOf(task) });
  await producer.call('assign_task', { task_id: idOf(task), agent_id: 'two' });
  for (const { task_id, attempt } of await two.claim(1, false)) {
    await two.call('release_task', { task_id, attempt, reason: 'not me' });
  }
  await producer.call('explain_task', { task_id: idOf(task) });
}

async function comingAndGoing(clients: Clients): Promise<void> {
  const [producer, one] = [new Caller(clients), new Caller(clients, 'one')];
  await one.call('register_agent', { agent_id: 'one', capabilities: ['read'], max_concurrent_tasks: 2 });
  await producer.call('create_task', { content: 'work', requirements: ['write'] });
  await one.call('learn_capability', { agent_id: 'one', capability: 'write', confidence: 0.5 });
  const given = await one.claim(1);
  await one.call('heartbeat_agent', {
    agent_id: 'one',
    holding: given.map(({ task_id, attempt }) => ({ task_id, attempt })),
  });
  await one.call('drain_agent', { agent_id: 'one' });
  await one.call('resume_agent', { agent_id: 'one' });
  await one.call('update_agent_performance', { agent_id: 'one', success: true, duration_ms: 5 });
  await one.call('deregister_agent', { agent_id: 'one' });
  await one.call('register_agent', { agent_id: 'one', capabilities: ['write'], max_concurrent_tasks: 1 });
  await producer.call('get_agent', { agent_id: 'one' });
  await producer.call('get_agent_health', { agent_id: 'one' });
  await producer.call('find_agents', { requirements: 'write' });
}

async function stopping(clients: Clients): Promise<void> {
  const [producer, one] = [new Caller(clients), new Caller(clients, 'one')];
  await one.call('register_agent', { agent_id: 'one', capabilities: [], max_concurrent_tasks: 2 });
  const tasks = ['x', 'y', 'z'].map((content) => ({ content, idempotency_key: content, routing: 'manual' }));
  const { results = [] } = await producer.call('create_tasks', { tasks });
  const [first] = (results as { task?: Given }[]).flatMap(({ task }) => (task ? [task.task_id] : []));
  if (first !== undefined) {
    await producer.call('cancel_task', { task_id: first, reason: 'not needed' });
    await producer.call('retry_task', { task_id: first });
  }
  const [running] = await one.claim(2);
  if (running) await producer.call('cancel_task', { task_id: running.task_id });
  // The holder of the other one disappears.
  await clients.sleep(420_000);
}

async function looking(clients: Clients): Promise<void> {
  const [person, one] = [new Caller(clients), new Caller(clients, 'one')];
  await one.call('register_agent', { agent_id: 'one', capabilities: ['read'], max_concurrent_tasks: 1 });
  await person.call('create_task', { content: 'waits', requirements: ['test'], routing: 'manual' });
  const { key_id } = await person.call('create_key', { role: 'agent', agent_id: 'one' });
  await person.call('list_keys');
  if (key_id !== undefined) await person.call('revoke_key', { key_id });
  const all: OperationName[] = [
    'get_queue_statistics',
    'get_agent_statistics',
    'get_routing_statistics',
    'get_health',
    'get_caller',
    'get_recommendations',
    'recount',
    'openapi',
  ];
  for (const operation of all) await person.call(operation);
  const { tasks = [] } = await person.call('query_tasks', { status: 'pending' });
  for (const task of tasks as Input[]) {
    await person.call('list_dependents', { task_id: idOf(task) });
    await person.call('cancel_task', { task_id: idOf(task) });
  }
  await person.call('retry_tasks', { status: 'cancelled' });
  await person.call('cancel_tasks');
}

export const scenarios: Record<string, Program> = {
  dependencies,
  chain,
  graphs,
  pushed,
  pushedChain,
  comingAndGoing,
  stopping,
  looking,
};
