import type { CallOptions } from './call-options.ts';
import { methodName, type InputOf, type OperationName, type OutputOf } from './operation-methods.ts';
import { pause } from './pause.ts';
import { requestOf } from './request.ts';
import { routes } from './routes.ts';
import type { OperationMethods } from './methods.ts';
import type { Task } from './types.ts';
import { tracedCall } from './tracing/traced-call.ts';
import { Transport, type ClientOptions } from './transport.ts';

/** What the methods of all operations have in common. */
class Caller {
  readonly #transport: Transport;

  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
  }

  /** Performs an operation by name. Rejects with a MusterError if it is refused or not answered. */
  async call<Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
    options: CallOptions = {},
  ): Promise<OutputOf<Name>> {
    const send = (fields: object) => this.#transport.send(requestOf(operation, fields), options);
    return (await tracedCall(operation, input, send)) as OutputOf<Name>;
  }
}

for (const operation of Object.keys(routes) as OperationName[]) {
  Object.defineProperty(Caller.prototype, methodName(operation), {
    value(this: Caller, input: InputOf<OperationName> = {}, options?: CallOptions) {
      return this.call(operation, input, options);
    },
  });
}

const OperationsClient = Caller as new (options: ClientOptions) => Caller & OperationMethods;

/** A task that will not change unless it is retried. */
export type EndedTask = Extract<Task, { status: 'completed' | 'failed' | 'cancelled' }>;

type Filter<Name extends OperationName> = Omit<InputOf<Name>, 'cursor'>;

/** The maximum interval between checks whether a task has ended. */
const maxIntervalMs = 2_000;

/** All operations of Muster over HTTP: `new MusterClient({ url, key }).createTask({ content: '...' })`. */
export class MusterClient extends OperationsClient {
  /** All tasks that match, each once, fetched page by page; `limit` is the page size. */
  async *tasks(filter: Filter<'query_tasks'> = {}, options?: CallOptions) {
    const listed = new Set<string>();
    for await (const { tasks } of pages((cursor) => this.queryTasks({ ...filter, ...cursor }, options))) {
      // A task that moves during the listing may appear twice.
      const others = tasks.filter(({ task_id }) => !listed.has(task_id));
      for (const { task_id } of others) listed.add(task_id);
      yield* others;
    }
  }

  /** All agents that match. */
  async *agents(filter: Filter<'find_agents'> = {}, options?: CallOptions) {
    for await (const page of pages((cursor) => this.findAgents({ ...filter, ...cursor }, options))) yield* page.agents;
  }

  /** All graphs, newest first. */
  async *graphs(filter: Filter<'list_graphs'> = {}, options?: CallOptions) {
    for await (const page of pages((cursor) => this.listGraphs({ ...filter, ...cursor }, options))) yield* page.graphs;
  }

  /** All keys, without their secrets. */
  async *keys(filter: Filter<'list_keys'> = {}, options?: CallOptions) {
    for await (const page of pages((cursor) => this.listKeys({ ...filter, ...cursor }, options))) yield* page.keys;
  }

  /**
   * Waits until a task (or the task with an id) is completed, failed or cancelled. A blocked task can still be
   * unblocked: pass a signal to stop waiting.
   */
  async waitFor(task: string | { task_id: string }, options: CallOptions = {}): Promise<EndedTask> {
    const task_id = typeof task === 'string' ? task : task.task_id;
    for (let intervalMs = 100; ; intervalMs = Math.min(maxIntervalMs, intervalMs * 1.5)) {
      const found = await this.getTask({ task_id }, options);
      if (found.status === 'completed' || found.status === 'failed' || found.status === 'cancelled') return found;
      await pause(intervalMs, options.signal);
    }
  }
}

/** A page may be short or even empty and still have a successor. */
async function* pages<Page extends { next_cursor?: string | undefined }>(
  ask: (cursor: { cursor?: string }) => Promise<Page>,
): AsyncGenerator<Page, void> {
  let cursor: string | undefined;
  do {
    const page = await ask(cursor === undefined ? {} : { cursor });
    yield page;
    cursor = page.next_cursor;
  } while (cursor !== undefined);
}
