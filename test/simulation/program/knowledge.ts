import type { OperationName } from '#shared/contract/operations.ts';
import type { Answer, Identity } from '../api.ts';

interface Held {
  task_id: string;
  attempt: number;
}

type Body = Record<string, unknown>;

/** The acting process: an agent without an instance is one process, whoever calls in its name. */
export const processOf = (agent: string, instance: unknown) =>
  typeof instance === 'string' ? `${agent}/${instance}` : agent;

/** What the clients know from their responses. */
export class Knowledge {
  readonly now: () => number;
  readonly #tasks = new Set<string>();
  readonly #graphs = new Set<string>();
  readonly #keys = new Set<string>();
  readonly #usedKeys = new Map<string, Map<string, Body>>();
  readonly #held = new Map<string, Map<string, Held>>();

  constructor(now: () => number) {
    this.now = now;
  }

  tasks = () => [...this.#tasks];
  recentTasks = () => [...this.#tasks].slice(-10);
  graphs = () => [...this.#graphs];
  keys = () => [...this.#keys];
  heldBy = (process: string): Held[] => [...(this.#held.get(process)?.values() ?? [])];

  /** Processes that were ever given anything, and an unknown name. */
  holders = (): string[] => ['nobody', ...this.#held.keys()];

  /** Used idempotency keys, each with the body it was first used with. */
  keysOf(kind: string): [string, Body][] {
    return [...(this.#usedKeys.get(kind) ?? [])];
  }

  useKey(kind: string, key: string, body: Body): void {
    const used = this.#usedKeys.get(kind) ?? new Map<string, Body>();
    this.#usedKeys.set(kind, used.set(key, body));
  }

  /** Forgets what a process knew, after it has died. */
  forget(process: string): void {
    this.#held.delete(process);
  }

  learn(operation: OperationName, input: Body, identity: Identity, { status, body }: Answer): void {
    const agent = processOf(identity.agentId ?? '', input['instance']);
    const isReport = ['complete_task', 'fail_task', 'release_task'].includes(operation);
    if (isReport && status !== 0 && status !== 503) this.#held.get(agent)?.delete(String(input['task_id']));
    if (status !== 200 && status !== 201) return;
    if (operation === 'create_task') this.#tasks.add(String(body['task_id']));
    if (operation === 'create_key') this.#keys.add(String(body['key_id']));
    if (operation === 'create_tasks') {
      for (const { task } of body['results'] as { task?: Held }[]) if (task) this.#tasks.add(task.task_id);
    }
    if (operation === 'submit_graph' && typeof body['graph_id'] === 'string') {
      this.#graphs.add(body['graph_id']);
      for (const id of Object.values(body['tasks'] as Record<string, string>)) this.#tasks.add(id);
    }
    if (operation === 'list_graphs') {
      for (const { graph_id } of body['graphs'] as { graph_id: string }[]) this.#graphs.add(graph_id);
    }
    if (operation === 'claim_tasks') this.#hold(agent, body['tasks'] as Held[]);
    if (operation === 'poll_tasks' && input['status'] !== 'pending') this.#hold(agent, body['tasks'] as Held[]);
    if (operation === 'complete_task') this.#hold(agent, (body['claimed'] ?? []) as Held[]);
    if (operation === 'heartbeat_agent') {
      for (const { task_id } of body['lost'] as Held[]) this.#held.get(agent)?.delete(task_id);
    }
    if (operation === 'deregister_agent') this.#held.delete(agent);
  }

  #hold(agent: string, tasks: readonly Held[]): void {
    const held = this.#held.get(agent) ?? new Map<string, Held>();
    this.#held.set(agent, held);
    for (const { task_id, attempt } of tasks) held.set(task_id, { task_id, attempt });
  }
}
