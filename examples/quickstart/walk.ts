import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Task } from '#shared/contract/task.ts';
import { MusterClient, type InputOf, type OperationName, type OutputOf } from '#clients/sdk/index.ts';
import type { Instance } from './instance.ts';
import { exchange, type Exchange } from './narrator.ts';
import type { Team } from './team.ts';

const taskLimitMs = 60_000;
const lookEveryMs = 100;
const ended: readonly string[] = ['completed', 'failed', 'cancelled'];

/** What to show of a response: some of its fields, or a value computed from it. */
type Shown<T> = readonly FieldOf<T>[] | ((answer: T) => unknown);

/** The fields of any of several types. */
type FieldOf<T> = T extends unknown ? keyof T : never;

type CompletedTask = Extract<Task, { status: 'completed' }>;

/** A walk through the quick start: calls operations, shows their responses and remembers what it created. */
export class Walk {
  readonly instance: Instance;
  readonly team: Team;
  /** The agents' working folder. */
  readonly folder: string;
  /** Ids of the created tasks. */
  readonly tasks: string[] = [];
  readonly agents: string[] = [];
  /** The last task of the chain of section 9. */
  chainEnd = '';
  readonly #keys = new Map<string, { id: string; secret: string }>();
  readonly #suffix: string;
  readonly #client: MusterClient;
  #last: Exchange = { method: '', path: '', body: '', status: 0 };

  constructor(instance: Instance, team: Team, folder: string) {
    this.instance = instance;
    this.team = team;
    this.folder = folder;
    this.#suffix = instance.isShared ? `.${randomBytes(3).toString('hex')}` : '';
    const { url, key } = instance;
    this.#client = new MusterClient({ url, key, fetch: (address, init) => this.#send(address, init) });
  }

  /** Records requests and responses. */
  async #send(...[address, init]: Parameters<typeof fetch>): Promise<Response> {
    const response = await fetch(address, init);
    const { method, url } = new Request(address, { method: init?.method ?? 'GET' });
    const body = typeof init?.body === 'string' ? init.body : '';
    this.#last = { method, path: url.slice(this.instance.url.length), body, status: response.status };
    return response;
  }

  /** A name that is unique on a shared instance. */
  named = (name: string): string => name + this.#suffix;

  /** Calls an operation and shows the request and the response. */
  async show<Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
    shown: Shown<OutputOf<Name>>,
  ): Promise<OutputOf<Name>> {
    const answer = await this.ask(name, input);
    this.#tell(answer, shown);
    return answer;
  }

  #tell<T extends object>(answer: T, shown: Shown<T>): void {
    exchange(this.#last, typeof shown === 'function' ? shown(answer) : only(answer, shown));
  }

  /** Calls an operation without showing it. */
  ask<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
    return this.#client.call(name, input);
  }

  /** Registers an agent and creates its key. */
  async register(agentId: string, capabilities: string[], maximum: number): Promise<void> {
    const input = { agent_id: agentId, capabilities: capabilities.map(this.named), max_concurrent_tasks: maximum };
    await this.show('register_agent', input, ['agent_id', 'state', 'load', 'max_concurrent_tasks']);
    this.agents.push(agentId);
    const wanted = { role: 'agent' as const, agent_id: agentId, expires_in_days: 1 };
    const { key_id: id, key: secret } = await this.ask('create_key', wanted);
    this.#keys.set(agentId, { id, secret });
  }

  /** Starts the process of a registered agent. */
  start(agentId: string, script: string): void {
    const key = this.#keys.get(agentId);
    if (!key) throw new Error(`${agentId} has no key.`);
    this.team.start(agentId, key.secret, script);
  }

  /** Creates a task that this walk's agents can do, and shows its initial state. */
  async create(input: InputOf<'create_task'>): Promise<Task> {
    const own = {
      idempotency_key: this.named(`task-${this.tasks.length + 1}`),
      ...(input.requirements && { requirements: input.requirements.map(this.named) }),
    };
    const task = await this.show('create_task', { ...input, ...own }, ['task_id', 'status']);
    this.tasks.push(task.task_id);
    return task;
  }

  /**
   * Polls a task until a condition holds, then returns it.
   * @throws Error if the task ends otherwise, or the condition does not hold within a minute
   */
  async until(id: string, wish: string, isSo: (task: Task) => boolean): Promise<Task> {
    const deadline = performance.now() + taskLimitMs;
    for (;;) {
      const task = await this.ask('get_task', { task_id: id });
      if (isSo(task)) return task;
      if (ended.includes(task.status) || performance.now() > deadline) {
        const why = 'reason' in task ? task.reason : (task.history.at(-1)?.reason ?? 'no reason given');
        throw new Error(`Task ${id} (${task.content}) should be ${wish}, but is ${task.status}: ${why}`);
      }
      this.team.requireAlive();
      await wait(lookEveryMs);
    }
  }

  /** Waits for a task to complete and shows the outcome. */
  async completed(id: string, shown: Shown<CompletedTask>): Promise<CompletedTask> {
    const task = await this.until(id, 'completed', ({ status }) => status === 'completed');
    expect(task.status === 'completed', `task ${id} is completed`);
    this.#tell(task, shown);
    return task;
  }

  /** Cleans up a shared instance; only ended tasks remain, until their retention ends. */
  async cleanUp(): Promise<void> {
    if (!this.instance.isShared) return;
    for (const id of this.tasks) {
      const { status } = await this.ask('get_task', { task_id: id });
      if (!ended.includes(status)) await this.ask('cancel_task', { task_id: id, reason: 'The quick start ended' });
    }
    for (const agentId of this.agents) await this.ask('deregister_agent', { agent_id: agentId });
    for (const { id } of this.#keys.values()) await this.ask('revoke_key', { key_id: id });
  }
}

function only<T extends object>(answer: T, fields: readonly FieldOf<T>[]): object {
  const wanted: readonly PropertyKey[] = fields;
  return Object.fromEntries(Object.entries(answer).filter(([field]) => wanted.includes(field)));
}

/** @throws Error that says what was expected */
export function expect(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Error(`Not as expected: ${what}`);
}
