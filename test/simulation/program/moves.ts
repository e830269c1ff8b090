/** Generates a random input for each operation of the contract. Operations added there must be added here. */
import type { OperationName } from '#shared/contract/operations.ts';
import type { Chance } from '../../support/random.ts';
import { admin, agentIdentity, type Identity } from '../api.ts';
import { processOf, type Knowledge } from './knowledge.ts';

export interface Move {
  operation: OperationName;
  input: Record<string, unknown>;
  identity: Identity;
}

/** The client that makes a call, and what it knows. */
export interface Mover {
  chance: Chance;
  knowledge: Knowledge;
  /** The calling agent; a random one if the caller is not an agent. */
  agent: string;
  /** The process, if it names itself. */
  instance?: string | undefined;
  /** Whether it lists what it holds. */
  namesHolding: boolean;
  /** Whether it reports impossible durations. */
  hasOddDurations: boolean;
}

type Draw = (mover: Mover) => Omit<Move, 'operation'> | undefined;

export const capabilities = ['read', 'write', 'test'];

const byAdmin = (input: Record<string, unknown>) => ({ input, identity: admin });
const byAgent = ({ agent }: Mover, input: Record<string, unknown>) => ({ input, identity: agentIdentity(agent) });

/** Durations to be added up in an agent's or the queue's counts. */
const durations = [0, 1, 12, 3_600_000];
const oddDurations = [3_600_000.5, 0.1, 5.6e-17, 1e-35];

const duration = ({ chance, hasOddDurations }: Mover) =>
  chance.pick(hasOddDurations ? [...durations, ...oddDurations] : durations);

const policies = ['block', 'block', 'cancel', 'run_anyway'];

/** Occasionally gives a dependency its own policy. */
const withPolicies = ({ chance }: Mover, names: readonly string[], as: 'task_id' | 'key') =>
  names.map((name) => (chance.happens(0.3) ? { [as]: name, on_failure: chance.pick(policies) } : name));

function taskInput(mover: Mover): Record<string, unknown> {
  const { chance, knowledge } = mover;
  const some = <T>(all: readonly T[], share: number) => all.filter(() => chance.happens(share));
  const dependencies = chance.happens(0.5) ? some(knowledge.recentTasks(), 0.4).slice(0, 4) : [];
  return {
    content: chance.happens(0.1) ? 'long '.repeat(100) : `work ${Math.floor(chance.fraction() * 1000)}`,
    requirements: some(capabilities, 0.25),
    dependencies: withPolicies(mover, dependencies, 'task_id'),
    priority: chance.pick(['low', 'medium', 'high', 'critical']),
    routing: chance.happens(0.7) ? 'auto' : 'manual',
    on_dependency_failure: chance.pick(policies),
    max_attempts: 1 + Math.floor(chance.fraction() * 3),
    timeout_seconds: chance.pick([30, 600, 3600]),
    ...(chance.happens(0.1) && { not_before: new Date(knowledge.now() + chance.fraction() * 1_800_000).toISOString() }),
  };
}

/** A new key, or occasionally a used one, with its original body or another one. */
function withKey(mover: Mover, body: Record<string, unknown>, kind: string): Record<string, unknown> {
  const { chance, knowledge } = mover;
  if (chance.happens(0.4)) return body;
  const used = knowledge.keysOf(kind);
  if (used.length > 0 && chance.happens(0.6)) {
    const [key, first] = chance.pick(used);
    return chance.happens(0.7) ? first : { ...body, idempotency_key: key };
  }
  const keyed = { ...body, idempotency_key: `${kind}-${used.length}` };
  knowledge.useKey(kind, keyed.idempotency_key, keyed);
  return keyed;
}

function graphInput(mover: Mover): Record<string, unknown> {
  const { chance, knowledge } = mover;
  const count = 1 + Math.floor(chance.fraction() * 5);
  const prefix = chance.pick(['k', '//lib:', '@acme/ui#', 'T#']);
  const tasks = Array.from({ length: count }, (_, n) => {
    const inner = Array.from({ length: n }, (_none, m) => `${prefix}${m}`).filter(() => chance.happens(0.5));
    const outer = chance.happens(0.2) ? knowledge.recentTasks().slice(0, 1) : [];
    const unknown = chance.happens(0.08) ? ['no-such-task'] : [];
    const dependencies = [
      ...withPolicies(mover, inner, 'key'),
      ...withPolicies(mover, [...outer, ...unknown], 'task_id'),
    ];
    return { ...taskInput(mover), key: `${prefix}${n}`, dependencies };
  });
  return { tasks, ...(chance.happens(0.05) && { dry_run: true }) };
}

const anyTask = ({ chance, knowledge }: Mover, use: (task_id: string) => Omit<Move, 'operation'>) => {
  const tasks = knowledge.tasks();
  return tasks.length === 0 ? undefined : use(chance.pick(tasks));
};

const anyGraph = ({ chance, knowledge }: Mover) => {
  const graphs = knowledge.graphs();
  return graphs.length === 0 ? undefined : byAdmin({ graph_id: chance.pick(graphs) });
};

/** A task that the agent believes it holds; occasionally in an earlier attempt, or another agent's. */
const ownTask = (mover: Mover, more: (mover: Mover) => Record<string, unknown>) => {
  const { chance, knowledge } = mover;
  const held = knowledge.heldBy(chance.happens(0.05) ? chance.pick(knowledge.holders()) : processOfMover(mover));
  if (held.length === 0) return undefined;
  const { task_id, attempt } = chance.pick(held);
  const named = chance.happens(0.15) ? {} : { attempt: chance.happens(0.1) ? Math.max(1, attempt - 1) : attempt };
  return byAgent(mover, { task_id, ...named, ...ofInstance(mover), ...more(mover) });
};

const processOfMover = ({ agent, instance }: Mover) => processOf(agent, instance);
const ofInstance = ({ instance }: Mover) => (instance === undefined ? {} : { instance });

const holding = (mover: Mover) =>
  mover.namesHolding ? { holding: mover.knowledge.heldBy(processOfMover(mover)) } : {};

const metrics = (mover: Mover) => (mover.chance.happens(0.4) ? { metrics: { duration_ms: duration(mover) } } : {});

export const draws: Record<OperationName, Draw> = {
  create_task: (mover) => byAdmin(withKey(mover, taskInput(mover), 'task')),
  create_tasks: (mover) => byAdmin({ tasks: [1, 2, 3].map(() => withKey(mover, taskInput(mover), 'task')) }),
  submit_graph: (mover) => byAdmin(withKey(mover, graphInput(mover), 'graph')),
  get_task: (mover) => anyTask(mover, (task_id) => byAdmin({ task_id })),
  query_tasks: ({ chance, agent }) =>
    byAdmin({
      limit: 5,
      ...(chance.happens(0.5) && { status: chance.pick(['pending', ['assigned', 'running'], ['blocked', 'failed']]) }),
      ...(chance.happens(0.3) && { agent_id: agent }),
    }),
  poll_tasks: (mover) =>
    byAgent(mover, {
      agent_id: mover.agent,
      ...(mover.chance.happens(0.75) && { status: mover.chance.pick(['assigned', 'running', 'pending']) }),
    }),
  assign_task: (mover) =>
    anyTask(mover, (task_id) => byAdmin({ task_id, agent_id: mover.agent, force: mover.chance.happens(0.3) })),
  route_task: (mover) => anyTask(mover, (task_id) => byAdmin({ task_id })),
  start_task: (mover) => ownTask(mover, () => ({})),
  complete_task: (mover) =>
    ownTask(mover, () => ({
      result: mover.chance.happens(0.1) ? 'long '.repeat(100) : mover.chance.fraction(),
      ...metrics(mover),
      ...(mover.chance.happens(0.3) && { claim_next: 1, ...holding(mover) }),
    })),
  fail_task: (mover) => ownTask(mover, ({ chance }) => ({ error: 'chance', should_retry: chance.happens(0.7) })),
  heartbeat_task: (mover) => ownTask(mover, ({ chance }) => (chance.happens(0.5) ? { progress: { percent: 50 } } : {})),
  claim_tasks: (mover) =>
    byAgent(mover, {
      agent_id: mover.agent,
      limit: 1 + Math.floor(mover.chance.fraction() * 3),
      start: mover.chance.happens(0.85),
      ...ofInstance(mover),
      ...holding(mover),
    }),
  release_task: (mover) => ownTask(mover, ({ chance }) => ({ reason: 'not me', exclude: chance.happens(0.5) })),
  cancel_task: (mover) => anyTask(mover, (task_id) => byAdmin({ task_id })),
  retry_task: (mover) => anyTask(mover, (task_id) => byAdmin({ task_id })),
  list_dependents: (mover) => anyTask(mover, (task_id) => byAdmin({ task_id })),
  cancel_tasks: ({ chance }) => byAdmin({ priority: 'low', limit: 3, dry_run: chance.happens(0.3) }),
  retry_tasks: ({ chance }) => byAdmin({ priority: chance.pick(['low', 'high']), limit: 3 }),
  explain_task: (mover) => anyTask(mover, (task_id) => byAdmin({ task_id })),
  get_graph: (mover) => anyGraph(mover),
  list_graphs: () => byAdmin({}),
  cancel_graph: (mover) => anyGraph(mover),
  retry_graph: (mover) => anyGraph(mover),
  register_agent: (mover) => {
    const known = capabilities.filter(() => mover.chance.happens(0.7));
    return byAgent(mover, {
      agent_id: mover.agent,
      capabilities: known,
      max_concurrent_tasks: 1 + Math.floor(mover.chance.fraction() * 4),
      ...ofInstance(mover),
      takeover: mover.chance.happens(0.3),
    });
  },
  get_agent: ({ agent }) => byAdmin({ agent_id: agent }),
  find_agents: ({ chance }) => byAdmin(chance.happens(0.5) ? { requirements: chance.pick(capabilities) } : {}),
  deregister_agent: (mover) => byAgent(mover, { agent_id: mover.agent }),
  learn_capability: (mover) =>
    byAgent(mover, {
      agent_id: mover.agent,
      capability: mover.chance.pick(capabilities),
      confidence: mover.chance.pick([1, 0.5, 0.1]),
    }),
  update_agent_performance: (mover) =>
    byAgent(mover, {
      agent_id: mover.agent,
      success: mover.chance.happens(0.5),
      duration_ms: duration(mover),
      ...(mover.chance.happens(0.6) && { task_id: mover.chance.pick(['elsewhere', ...mover.knowledge.tasks()]) }),
    }),
  get_agent_health: ({ agent }) => byAdmin({ agent_id: agent }),
  heartbeat_agent: (mover) =>
    byAgent(mover, {
      agent_id: mover.agent,
      holding: mover.knowledge.heldBy(processOfMover(mover)),
      ...ofInstance(mover),
    }),
  drain_agent: (mover) =>
    byAgent(mover, {
      agent_id: mover.agent,
      until_registered: mover.chance.happens(0.5),
      ...(mover.chance.happens(0.5) && ofInstance(mover)),
    }),
  resume_agent: (mover) => byAgent(mover, { agent_id: mover.agent }),
  get_queue_statistics: () => byAdmin({}),
  get_agent_statistics: () => byAdmin({}),
  get_routing_statistics: () => byAdmin({}),
  get_health: () => byAdmin({}),
  get_recommendations: () => byAdmin({}),
  recount: ({ chance }) => byAdmin(chance.happens(0.3) ? { cursor: '1' } : {}),
  create_key: ({ agent }) => byAdmin({ role: 'agent', agent_id: agent }),
  list_keys: () => byAdmin({}),
  revoke_key: ({ chance, knowledge }) => {
    const keys = knowledge.keys();
    return keys.length === 0 ? undefined : byAdmin({ key_id: chance.pick(keys) });
  },
  get_caller: () => byAdmin({}),
  openapi: () => byAdmin({}),
};

/** The relative frequency of each operation. */
export type Weights = Partial<Record<OperationName, number>>;

export const producing: Weights = { create_task: 6, create_tasks: 1, submit_graph: 3 };

export const working: Weights = {
  claim_tasks: 10,
  complete_task: 8,
  fail_task: 1.5,
  release_task: 0.7,
  heartbeat_task: 1,
  heartbeat_agent: 1,
  start_task: 2,
  poll_tasks: 1,
  update_agent_performance: 0.5,
  learn_capability: 0.3,
  drain_agent: 0.3,
  resume_agent: 0.6,
  register_agent: 0.6,
  deregister_agent: 0.6,
};

const heard = new Set([...Object.keys(producing), ...Object.keys(working)]);

/** The operations of other people: everything that producers and agents do not do. */
export const interfering: Weights = {
  ...Object.fromEntries(
    (Object.keys(draws) as OperationName[]).filter((name) => !heard.has(name)).map((name) => [name, 0.3]),
  ),
  recount: 1,
  create_key: 0.6,
  revoke_key: 0.8,
  cancel_task: 1.5,
  retry_task: 3,
  cancel_graph: 1,
  retry_graph: 1.5,
  assign_task: 2,
};

export function drawMove(mover: Mover, weights: Weights): Move | undefined {
  const all = Object.entries(weights) as [OperationName, number][];
  let left = mover.chance.fraction() * all.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [operation, weight] of all) {
    left -= weight;
    if (left > 0) continue;
    const drawn = draws[operation](mover);
    return drawn && { operation, ...drawn };
  }
  return undefined;
}
