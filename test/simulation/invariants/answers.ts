/** A successful response is a fact: what each operation claims must be visible in what was written. */
import type { OperationName } from '#shared/contract/operations.ts';
import type { Answer, Identity } from '../api.ts';
import { processOf } from '../program/knowledge.ts';
import type { History } from './history.ts';
import { hasEnded, isHeld, type TaskView } from './reader.ts';
import type { Report } from './writes.ts';

export interface Answered {
  operation: OperationName;
  input: Record<string, unknown>;
  identity: Identity;
  answer: Answer;
  /** When the request began. */
  since: number;
}

type Given = { task_id: string; attempt: number; status: string };

/** Checks the API's responses, including those that clients never get. */
export class ResponseChecker {
  readonly #history: History;
  readonly #report: Report;
  /** Running attempts that were delivered, and to whom. */
  readonly #delivered = new Map<string, string>();

  /** The tasks created with a key, and their content. */
  readonly #keyed = new Map<string, { id: string; content: unknown }>();

  constructor(history: History, report: Report) {
    this.#history = history;
    this.#report = report;
  }

  check(answered: Answered): void {
    const { operation, answer, identity } = answered;
    const { status, body } = answer;
    if (status === 500) this.#report('no request fails because of a bug', `${operation} of ${identity.keyId}`);
    if (status !== 200 && status !== 201) return;
    const why = this.#facts[operation]?.(answered, body);
    if (why !== undefined)
      this.#report('a success is a fact', `${operation} ${JSON.stringify(answered.input).slice(0, 200)}: ${why}`);
  }

  /** Checks what each operation claims; undefined if it is true. Operations not listed claim nothing lasting. */
  readonly #facts: Partial<
    Record<OperationName, (answered: Answered, body: Record<string, unknown>) => string | undefined>
  > = {
    create_task: (answered, body) => this.#exist([String(body['task_id'])]) ?? this.#checkKey(answered, body),
    create_tasks: (_, { results }) =>
      this.#exist((results as { task?: Given }[]).flatMap(({ task }) => (task ? [task.task_id] : []))),
    submit_graph: ({ input }, { tasks }) =>
      input['dry_run'] ? undefined : this.#exist(Object.values(tasks as Record<string, string>)),
    start_task: (answered, body) => {
      const { task_id: id, attempt } = body as Given;
      const process = processIn(answered);
      const other = this.#delivered.get(`${id}#${attempt}`);
      if (answered.identity.agentId !== undefined && other !== undefined && other !== process) {
        this.#report(
          'an attempt is delivered to one process only',
          `attempt ${attempt} of ${id}, started by ${process} and ${other}`,
        );
      }
      return this.#was(body, (task) => task.status === 'running' && task.attempt === attempt);
    },
    complete_task: (answered, body) => {
      this.#deliver(answered, (body['claimed'] ?? []) as Given[]);
      const { input, identity } = answered;
      const isSo = (task: TaskView) =>
        task.status === 'completed' &&
        task.attempt === (input['attempt'] ?? task.attempt) &&
        task.agent === (identity.agentId ?? task.agent);
      return this.#was(body, isSo);
    },
    fail_task: ({ input }, body) => this.#was(body, (task) => hasLogged(task, 'failed', input['attempt'])),
    release_task: ({ input }, body) => this.#was(body, (task) => hasLogged(task, 'released', input['attempt'])),
    cancel_task: (_, body) => this.#was(body, ({ status }) => status === 'cancelled'),
    cancel_graph: (answered) => this.#wasDecided(answered, 'cancel'),
    retry_graph: (answered) => this.#wasDecided(answered, 'retry'),
    get_graph: ({ since }, { is_settled: isSettled, tasks }) =>
      isSettled ? this.#haveStopped(tasks as Given[], since) : undefined,
    retry_task: (_, body) => this.#was(body, ({ log }) => log.some(({ cause }) => cause === 'retried')),
    assign_task: ({ input }, body) => this.#was(body, (task) => isHeld(task) && task.agent === input['agent_id']),
    claim_tasks: (answered, { tasks }) => this.#deliver(answered, tasks as Given[]),
    deregister_agent: (answered, body) => this.#checkRemoval(answered, body),
    register_agent: ({ since }, { agent_id: id }) => {
      const isThere =
        this.#history.agents.has(String(id)) || (this.#history.removals.get(String(id))?.at ?? 0) >= since;
      return isThere ? undefined : `agent ${String(id)} does not exist`;
    },
  };

  /** One key creates one task, with the content that was sent. */
  #checkKey({ input, identity }: Answered, body: Record<string, unknown>): string | undefined {
    if (body['content'] !== input['content']) return 'the task has another content';
    if (input['idempotency_key'] === undefined) return undefined;
    const name = JSON.stringify([identity.keyId, input['idempotency_key']]);
    const id = String(body['task_id']);
    const first = this.#keyed.get(name) ?? { id, content: input['content'] };
    this.#keyed.set(name, first);
    if (first.content !== input['content']) return `the same key was used for another content before`;
    return first.id === id ? undefined : `the same key made ${first.id} before`;
  }

  #wasDecided({ input, since }: Answered, kind: string): string | undefined {
    const decision = this.#history.decisions.get(String(input['graph_id']));
    const isLater = decision !== undefined && decision.at >= since;
    // Another decision may have followed.
    return isLater ? undefined : `the last thing that was decided is to ${decision?.kind} (wanted: ${kind})`;
  }

  /** Each was ended or blocked at some time since the request began. */
  #haveStopped(tasks: readonly Given[], since: number): string | undefined {
    const isOpen = (task: TaskView | undefined) => task !== undefined && !hasEnded(task) && task.status !== 'blocked';
    const open = tasks.filter(({ task_id: id }) => {
      const changes = this.#history.changes.filter(({ at, after }) => at >= since && after?.id === id);
      const first = changes[0] ? changes[0].before : this.#history.task(id);
      return [first, ...changes.map(({ after }) => after)].every(isOpen);
    });
    return open.length === 0 ? undefined : `${open.map((task) => task.task_id).join(', ')} can change`;
  }

  #exist(ids: readonly string[]): string | undefined {
    const missing = ids.filter((id) => !this.#history.tasks.has(id));
    return missing.length === 0 ? undefined : `there is no task ${missing.join(', ')}`;
  }

  #was(body: Record<string, unknown>, test: (task: TaskView) => boolean): string | undefined {
    const versions = this.#history.tasks.get(String(body['task_id'])) ?? [];
    return versions.some(test) ? undefined : `it never was so, and is ${versions.at(-1)?.status}`;
  }

  /** Each running attempt is delivered once, except to a caller that lists what it holds without it. */
  #deliver(answered: Answered, tasks: readonly Given[]): string | undefined {
    const { input, identity, operation } = answered;
    const process = processIn(answered);
    const agent = identity.agentId ?? String(input['agent_id']);
    const holding = input['holding'] as { task_id: string; attempt: number }[] | undefined;
    for (const { task_id: id, attempt, status } of tasks) {
      const versions = this.#history.tasks.get(id) ?? [];
      const isTheirs = versions.some(
        (task) => isHeld(task) && task.attempt === attempt && (operation === 'complete_task' || task.agent === agent),
      );
      if (!isTheirs) return `attempt ${attempt} of ${id} was never held by ${agent}`;
      if (status !== 'running') continue;
      const name = `${id}#${attempt}`;
      const isNamed = holding?.some((one) => one.task_id === id && one.attempt === attempt) ?? false;
      const before = this.#delivered.get(name);
      if (before !== undefined && (before !== process || holding === undefined || isNamed)) {
        this.#report(
          'an attempt is delivered to one process only',
          `attempt ${attempt} of ${id}, to ${process} after ${before}`,
        );
      }
      this.#delivered.set(name, process);
    }
    return undefined;
  }

  /** When an agent is reported as removed or unknown, it holds nothing. */
  #checkRemoval({ input, since }: Answered, body: Record<string, unknown>): string | undefined {
    const id = String(input['agent_id']);
    const isLeaving = body['state'] !== undefined;
    if (isLeaving || this.#history.agents.has(id) || (this.#history.registrations.get(id) ?? 0) >= since)
      return undefined;
    const held = this.#history.heldBy(id).map((task) => task.id);
    return held.length === 0 ? undefined : `it still holds ${held.join(', ')}`;
  }
}

const processIn = ({ input, identity }: Answered) =>
  processOf(identity.agentId ?? String(input['agent_id']), input['instance']);

const hasLogged = ({ log, status }: TaskView, cause: string, attempt: unknown) =>
  log.some((entry) => entry.cause === cause && (attempt === undefined || entry.attempt === attempt)) ||
  status === cause;
