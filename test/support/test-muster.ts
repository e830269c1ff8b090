import { setTimeout as pause } from 'node:timers/promises';
import type * as z from 'zod';
import type { Keys } from '#local/data/keys.ts';
import type { Muster } from '#local/start.ts';
import type { TaskInput } from '#shared/contract/tasks.ts';
import { Status, type Agent } from '#shared/contract/nouns.ts';
import { isOneOf, type Task, type TaskWith } from '#shared/contract/task.ts';
import type { OperationName } from '#shared/contract/operations.ts';
import type { Problem } from '#shared/contract/problem.ts';
import { times } from '#shared/domain/settings.ts';
import { deviation } from './documented.ts';
import { requestOf, rowOf, type InputOf, type OutputOf } from './operation-request.ts';
import { patience, within } from './patience.ts';

/** The maximum delay between a first failure and the next attempt. */
export const maxFirstRetryDelayMs = 2 * times.baseRetryDelayMs;

const untilLimitMs = 45_000;
const pollIntervalMs = 50;

export interface Answer<Body = Record<string, unknown>> {
  status: number;
  body: Body;
  headers: Headers;
}

export interface TestMusterOptions {
  /** The prefix of all names in this test. */
  namespace: string;
  local: Muster | undefined;
  url: string;
  keys: Keys;
  /** Ends the test without a failure. */
  skip: (reason: string) => never;
}

type NewTaskInput = z.input<ReturnType<typeof TaskInput>>;

/** One string per element of a tuple. */
type OneFor<T extends readonly unknown[]> = { -readonly [K in keyof T]: string };

const isOne = <T>(input: T | readonly T[]): input is T => !Array.isArray(input);

/** What a scenario test does with Muster, over HTTP. */
export class TestMuster {
  readonly url: string;
  readonly keys: Keys;
  readonly #options: TestMusterOptions;
  #finisher: Promise<string> | undefined;

  constructor(options: TestMusterOptions) {
    this.#options = options;
    this.url = options.url;
    this.keys = options.keys;
  }

  /** A name that no other test uses. */
  name(name: string): string {
    return `${this.#options.namespace}-${name}`;
  }

  /** Several such names. */
  names<T extends readonly string[]>(...names: T): OneFor<T> {
    return names.map((name) => this.name(name)) as OneFor<T>;
  }

  /** Sends any request; the response must be as documented. `body` is sent as JSON, or verbatim if it is text. */
  async http<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    key: string | undefined = this.keys.admin,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const answered = fetch(this.url + path, {
      method,
      headers: {
        ...(key !== '' && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const response = await within(answered, () => `the answer to ${method} ${path}`);
    const text = await response.text();
    const answer = {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as Body,
    };
    const wrong = deviation(method, path, answer);
    if (wrong !== undefined) throw new Error(`${method} ${path}: ${wrong}; it was answered with ${text}`);
    return answer;
  }

  /** Repeats a request while it returns 503, as clients do: on a busy machine AWS does not respond in time. */
  async persist<Body>(method: string, path: string, body?: unknown, key?: string): Promise<Answer<Body>> {
    let answer = await this.http<Body>(method, path, body, key);
    for (let tries = 1; answer.status === 503 && tries < 5; tries += 1) {
      await pause(1000 * Number(answer.headers.get('retry-after') ?? 1));
      answer = await this.http<Body>(method, path, body, key);
    }
    return answer;
  }

  /**
   * Sends a request that must succeed.
   * @throws Error with the problem in the response
   */
  async ask<Body>(method: string, path: string, body?: unknown, key?: string): Promise<Body> {
    const answer = await this.persist<Body>(method, path, body, key);
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
  }

  /** Performs an operation, which must succeed with a response as in the contract. */
  async call<N extends OperationName>(name: N, input: InputOf<N>, key?: string): Promise<OutputOf<N>> {
    const { method, path, body } = requestOf(name, input);
    const answer = await this.ask(method, path, body, key);
    rowOf(name).output.parse(answer);
    return answer as OutputOf<N>;
  }

  /** Performs an operation, which must be refused, and returns the problem. */
  async refusal<N extends OperationName>(name: N, input: InputOf<N>, key?: string): Promise<Problem> {
    const { method, path, body } = requestOf(name, input);
    const { status, body: problem } = await this.http<Problem>(method, path, body, key);
    if (status >= 400) return problem;
    throw new Error(`${name} was not refused but answered with ${status}: ${JSON.stringify(problem)}`);
  }

  /**
   * All tasks that a filter finds, over several requests: pages may be short or empty if many tasks belong to other
   * tests.
   */
  async find(filter: InputOf<'query_tasks'>): Promise<OutputOf<'query_tasks'>['tasks']> {
    const found = new Map<string, OutputOf<'query_tasks'>['tasks'][number]>();
    let cursor: string | undefined;
    do {
      const page = await this.call('query_tasks', { limit: 100, ...filter, cursor });
      for (const task of page.tasks) found.set(task.task_id, task);
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    return [...found.values()];
  }

  /**
   * Creates one task or several and returns their ids. By default a task has routing=manual, so that only the test
   * moves it, and requires the test's skill, so that no agent of another test can claim it.
   */
  async create(task: Partial<NewTaskInput>): Promise<string>;
  async create<T extends readonly Partial<NewTaskInput>[]>(tasks: readonly [...T]): Promise<OneFor<T>>;
  async create(input: Partial<NewTaskInput> | readonly Partial<NewTaskInput>[]): Promise<string | string[]> {
    if (isOne(input)) return this.#createOne(input);
    return Promise.all(input.map((task) => this.#createOne(task)));
  }

  /** Reads a task, which must have one of the given statuses, if any. */
  async task<S extends Status = Status>(taskId: string, ...statuses: S[]): Promise<TaskWith<S>> {
    const task = await this.ask<Task>('GET', `/v1/tasks/${taskId}`);
    if (isOneOf(task, statuses.length > 0 ? statuses : (Status().options as S[]))) return task;
    throw new Error(`${taskId} is ${task.status}, not ${statuses.join(' or ')}`);
  }

  async status(taskId: string): Promise<Status> {
    return (await this.task(taskId)).status;
  }

  /** Registers an agent with a name of its own and, by default, the test's skill, and returns its id. */
  async agent(name: string, capabilities = [this.name('skill')], more: Record<string, unknown> = {}): Promise<string> {
    const agent = await this.ask<Agent>('POST', '/v1/agents', { agent_id: this.name(name), capabilities, ...more });
    return agent.agent_id;
  }

  /** Works on a task until it is completed, as its holder or, if it has none, as an agent of this test. */
  async finish(taskId: string, result: unknown = 'done'): Promise<TaskWith<'completed'>> {
    await this.start(taskId);
    await this.ask('POST', `/v1/tasks/${taskId}/complete`, { result });
    return this.task(taskId, 'completed');
  }

  /** Works on a task until it fails permanently, or has used all of its attempts. */
  async fail(taskId: string, should_retry = false): Promise<Task> {
    await this.start(taskId);
    await this.ask('POST', `/v1/tasks/${taskId}/fail`, { error: 'failed by the test', should_retry });
    return this.task(taskId);
  }

  /**
   * Fails a task with attempts left, and runs a check while it waits to be retried. The wait may be only 2 s; if it
   * ends before the check does, the task fails again.
   */
  async whileDelayed<T>(taskId: string, check: (failed: Task) => Promise<T>): Promise<T> {
    const wait = patience(() => `a check of ${taskId} before its retry`);
    for (;;) {
      wait();
      const failed = await this.fail(taskId, true);
      const result = await check(failed);
      if (this.clock.now() < Date.parse(failed.not_before ?? '')) return result;
    }
  }

  /** Ends a task without a result. */
  async end(taskId: string, as: 'failed' | 'cancelled'): Promise<Task> {
    return as === 'failed' ? this.fail(taskId) : this.call('cancel_task', { task_id: taskId });
  }

  /** Assigns a task to an agent of this test if nobody holds it, and starts it if it is not running. */
  async start(taskId: string): Promise<Task> {
    let task = await this.task(taskId);
    if (task.status === 'pending') {
      this.#finisher ??= this.agent('finisher', [], { max_concurrent_tasks: 100 });
      const body = { agent_id: await this.#finisher, force: true };
      task = await this.ask<Task>('POST', `/v1/tasks/${taskId}/assign`, body);
    }
    return task.status === 'assigned' ? this.ask<Task>('POST', `/v1/tasks/${taskId}/start`, {}) : task;
  }

  /**
   * Waits until a task has a status.
   * @throws Error with the history of the task after 45 s
   */
  async until<S extends Status>(taskId: string, status: S): Promise<TaskWith<S>> {
    await this.settled();
    const deadline = performance.now() + untilLimitMs;
    for (;;) {
      const task = await this.task(taskId);
      if (isOneOf(task, [status])) return task;
      if (performance.now() > deadline) {
        throw new Error(`${taskId} did not become ${status}, it is ${task.status}: ${JSON.stringify(task.history)}`);
      }
      await pause(pollIntervalMs);
    }
  }

  /**
   * Waits until nothing more can happen before time passes; does nothing on a deployed Muster, where this is unknown.
   */
  async settled(): Promise<void> {
    await this.#options.local?.settled();
  }

  /**
   * Lets the router look again at the tasks for which it has found nobody. It does so once they are counted, and might
   * otherwise be the one that assigns them when the test frees a slot.
   */
  async rechecked(): Promise<void> {
    await this.settled();
    // A message waits for whole seconds.
    await this.clock.advance(times.countedWithinMs + 1000);
    await this.settled();
  }

  /** The clock of the functions. A test that uses it is skipped on a deployed Muster. */
  get clock(): Muster['clock'] {
    return this.local.clock;
  }

  /** Runs a schedule now. A test that uses it is skipped on a deployed Muster. */
  async fire(name: string): Promise<void> {
    await this.local.fire(name);
  }

  /** The local Muster itself, for its edge and meter. A test that uses it is skipped on a deployed Muster. */
  get local(): Muster {
    return this.#options.local ?? this.#options.skip('needs a local Muster');
  }

  async #createOne(task: Partial<NewTaskInput>): Promise<string> {
    const input = { content: 'something to do', routing: 'manual', requirements: [this.name('skill')], ...task };
    return (await this.ask<Task>('POST', '/v1/tasks', input)).task_id;
  }
}
