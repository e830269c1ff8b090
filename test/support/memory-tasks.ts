import type { TaskChange } from '#shared/domain/task-change.ts';
import type { Edge } from '#shared/domain/edge.ts';
import { isIn, type Payload, type Report, type TaskRecord } from '#shared/domain/task.ts';
import type { Transition } from '#shared/domain/transition.ts';
import type { WriteOutcome, DependencyState, TaskCreation, Tasks } from '#shared/ports.ts';
import { applied, fieldsAfter, marked, type Stored } from './task-model.ts';

/** What dependencies recorded for a child that does not exist yet. */
type Placeholder = Pick<TaskRecord, 'bodyHash' | 'done' | 'failed'>;

export interface MemoryOptions {
  /** Receives every committed change, like the table's stream. */
  onChange(change: TaskChange): void;
  /** Whether an eventually consistent read returns a task before its last change. */
  isStale(): boolean;
}

/**
 * The port Tasks in memory: the specification of the DynamoDB adapter. Nothing expires, and everything is stored
 * inline.
 */
export class MemoryTasks implements Tasks {
  readonly #stored = new Map<string, Stored>();
  readonly #stubs = new Map<string, Placeholder>();
  readonly #edges = new Map<string, Edge>();
  readonly #before = new Map<string, Stored | undefined>();
  readonly #options: MemoryOptions;
  #changes = 0;

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  all(): Stored[] {
    return [...this.#stored.values()];
  }

  get(id: string): Promise<TaskRecord | undefined> {
    return Promise.resolve(this.#stored.get(id)?.task);
  }

  getMany(ids: readonly string[], { consistent = false } = {}): Promise<TaskRecord[]> {
    const read = (id: string) => (!consistent && this.#options.isStale() ? this.#before : this.#stored).get(id);
    return Promise.resolve(ids.map((id) => read(id)?.task).filter((task) => task !== undefined));
  }

  async statuses(ids: readonly string[]): Promise<Map<string, TaskRecord['status']>> {
    return new Map((await this.getMany(ids, { consistent: true })).map(({ id, status }) => [id, status]));
  }

  create({ record, first }: TaskCreation): Promise<WriteOutcome> {
    const known = this.#stored.get(record.id);
    if (known) return Promise.resolve({ applied: false, task: known.task });
    const stub = this.#stubs.get(record.id);
    const { done = [], failed = [] } = stub?.bodyHash === record.bodyHash ? stub : {};
    const fresh = { retryCount: 0, excluded: {}, log: [], ...record, done, failed };
    const task = fieldsAfter(fresh, first) as TaskRecord;
    return this.#commit(record.id, undefined, { task, indexEntry: first.indexEntry ?? { in: 'checks', at: 0 } });
  }

  markCounted(): Promise<boolean> {
    throw new Error('Nothing is recounted in memory.');
  }

  apply(id: string, transition: Transition): Promise<WriteOutcome> {
    const before = this.#stored.get(id);
    const after = before && applied(before, transition);
    if (!after) return Promise.resolve({ applied: false, task: before?.task });
    return this.#commit(id, before, after);
  }

  putEdges(edges: readonly Edge[]): Promise<void> {
    for (const edge of edges) this.#edges.set(`${edge.parentId} ${edge.childId} ${edge.childHash}`, edge);
    return Promise.resolve();
  }

  edges(parentId: string): Promise<{ items: Edge[] }> {
    return Promise.resolve({ items: [...this.#edges.values()].filter((edge) => edge.parentId === parentId) });
  }

  async recordDependency({ childId, childHash, ordinal }: Edge, how: DependencyState): Promise<TaskRecord | undefined> {
    const before = this.#stored.get(childId);
    if (before?.task.bodyHash === childHash) {
      return (await this.#commit(childId, before, marked(before, ordinal, how))).task;
    }
    const stub = this.#stubs.get(childId) ?? { bodyHash: childHash, done: [], failed: [] };
    if (before || stub.bodyHash !== childHash) return undefined;
    if (how === 'failed' && stub.done.includes(ordinal)) return undefined;
    const failed = stub.failed.filter((other) => other !== ordinal);
    this.#stubs.set(childId, {
      bodyHash: childHash,
      done: how === 'met' ? [...stub.done, ordinal] : stub.done,
      failed: how === 'failed' ? [...failed, ordinal] : failed,
    });
    return undefined;
  }

  payloads(tasks: readonly TaskRecord[]): Promise<Map<string, Payload>> {
    return Promise.resolve(new Map(tasks.flatMap(({ id, payload }) => (payload ? [[id, payload]] : []))));
  }

  reports(tasks: readonly TaskRecord[]): Promise<Map<string, Report>> {
    const reported = tasks.filter((task) => isIn(task, ['completed', 'failed']));
    return Promise.resolve(new Map(reported.flatMap(({ id, report }) => (report ? [[id, report]] : []))));
  }

  putPayload(): Promise<void> {
    throw new Error('Use payloads that are stored inline.');
  }

  putReport(): Promise<string> {
    throw new Error('Use reports that are stored inline.');
  }

  #commit(id: string, before: Stored | undefined, after: Stored): Promise<WriteOutcome> {
    this.#before.set(id, before);
    this.#stored.set(id, after);
    this.#changes += 1;
    this.#options.onChange({ id: `change-${this.#changes}`, at: 0, before: before?.task, after: after.task });
    return Promise.resolve({ applied: true, task: after.task });
  }
}
