import { expect } from 'vitest';
import { TaskInput } from '#shared/contract/tasks.ts';
import { Refusal } from '#shared/contract/problem.ts';
import type { TaskChange } from '#shared/domain/task-change.ts';
import { complete, fail, take } from '#shared/domain/holding.ts';
import { cancel, retry } from '#shared/domain/lifecycle.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import { isHeld, isIn, type TaskRecord } from '#shared/domain/task.ts';
import type { Transition } from '#shared/domain/transition.ts';
import { create } from '#shared/operations/tasks/create-task.ts';
import { publishChanges } from '#shared/reactions/publish-changes.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import type { Events, ListedTask, Ports, Tasks } from '#shared/ports.ts';
import { releaseEvent } from '#shared/schema.ts';
import { dependentsToUpdate, updateDependents } from '#shared/steps/update-dependents.ts';
import { fates, type Step, type Story } from './dependency-story.ts';
import { MemoryTasks } from './memory-tasks.ts';
import { anOffer, day, morning } from './tasks.ts';

const endsBadly = ({ status }: Pick<TaskRecord, 'status'>) => ['failed', 'cancelled', 'blocked'].includes(status);
const isCompleted = ({ status }: TaskRecord) => status === 'completed';

/**
 * Dependencies, a child of all of them and a grandchild, with the real operations on tasks in memory. The story
 * determines the order of the store's responses, and with it of everything that follows.
 */
export class DependencyWorld {
  readonly refused: string[] = [];
  readonly #errors: unknown[] = [];
  readonly #story: Story;
  readonly #rival: boolean;
  readonly #tasks: MemoryTasks;
  readonly #ownPolicies = new Map<string, TaskRecord['policy']>();
  readonly #everEnded = new Set<string>();
  readonly #everFailed = new Set<string>();
  readonly #released = new Map<string, number>();
  #ports: Ports;
  #now = morning;
  #ids = 0;
  #draws = 0;
  #child: TaskRecord | undefined;

  /** @param options.rival another caller sends a different body with the same key */
  constructor(told: Story, { rival = false } = {}) {
    this.#story = told;
    this.#rival = rival;
    this.#tasks = new MemoryTasks({
      onChange: (change) => this.#follow(change),
      isStale: () => this.#draw(told.stale),
    });
    this.#ports = this.#portsOn(this.#tasks);
  }

  /** Everything concurrently, in random order. */
  async run(): Promise<void> {
    const parents = await this.#createParents();
    this.#begin(this.#createFamily(parents));
    for (const [n, parent] of parents.entries()) this.#begin(this.#live(parent, this.#stepsOf(n)));
    await this.#settled();
  }

  /** One thing after the other, each with everything that follows from it. */
  async runCalmly(): Promise<void> {
    const parents = await this.#createParents();
    this.#begin(this.#createFamily(parents));
    await this.#settled();
    for (const [n, parent] of parents.entries()) {
      for (const step of this.#stepsOf(n)) {
        this.#begin(this.#live(parent, [step]));
        await this.#settled();
      }
    }
  }

  /** What the sweep does for waiting tasks, repeated until nothing is left. Its other parts find nothing here. */
  async check(): Promise<void> {
    for (let n = 0; n < 4; n += 1) {
      this.#now += day;
      this.#ports = this.#portsOn(this.#tasks);
      const failures = await sweep(this.#ports, () => true);
      expect(failures.filter(({ part }) => part.startsWith('checks'))).toEqual([]);
      expect(this.#errors).toEqual([]);
    }
  }

  expectAgreement(): void {
    const child = this.#find(this.#child);
    expect(this.#acceptable(child)).toContain(child.status);
    const grandchild = this.#tasks.all().find(({ task }) => task.payload?.dependencies.includes(child.id))?.task;
    if (grandchild) expect(this.#acceptable(grandchild)).toContain(grandchild.status);
  }

  /** The states that are correct for the current states of its dependencies. */
  #acceptable(task: TaskRecord): TaskRecord['status'][] {
    const parents = (task.payload?.dependencies ?? []).map((id) => this.#find({ id }));
    const having = (policy: TaskRecord['policy']) => parents.filter(({ id }) => this.#policyFor(task, id) === policy);
    const [blocking, cancelling, tolerated] = [having('block'), having('cancel'), having('run_anyway')];
    if (cancelling.some(endsBadly)) return ['cancelled'];
    const wasCancelled = cancelling.some(({ id }) => this.#everFailed.has(id)) ? (['cancelled'] as const) : [];
    if (blocking.some(endsBadly)) return ['blocked', ...wasCancelled];
    const isOpen = ![...blocking, ...cancelling].every(isCompleted);
    // A tolerated failure counts as met from then on, whatever happens to the dependency.
    if (isOpen || tolerated.some(({ id }) => !this.#everEnded.has(id))) return ['waiting', ...wasCancelled];
    const isMet = tolerated.every((parent) => isCompleted(parent) || endsBadly(parent));
    return [...(isMet ? [] : (['waiting'] as const)), 'pending', ...wasCancelled];
  }

  /** The policy of the child or the grandchild for a dependency. */
  #policyFor(task: TaskRecord, parent: string): TaskRecord['policy'] {
    return this.#ownPolicies.get(parent) ?? task.policy;
  }

  async #createParents(): Promise<string[]> {
    this.#ports = this.#portsOn(this.#tasks);
    const parents = await Promise.all(this.#story.fates.map(() => this.#create({})));
    this.#ports = this.#portsOn(this.#scheduled());
    return parents.map(({ id }) => id);
  }

  #stepsOf(parent: number): readonly Step[] {
    return fates[this.#story.fates[parent] ?? 'stays open'];
  }

  /** Waits until nothing happens anymore. */
  async #settled(): Promise<void> {
    await this.#story.schedule.waitIdle();
    expect(this.#errors).toEqual([]);
  }

  async #createFamily(dependencies: readonly string[]): Promise<void> {
    const { creators, policy, ownPolicies } = this.#story;
    const named = dependencies.map((task_id, n) => {
      const on_failure = ownPolicies[n];
      if (on_failure === undefined) return task_id;
      this.#ownPolicies.set(task_id, on_failure);
      return { task_id, on_failure };
    });
    const child = { dependencies: named, on_dependency_failure: policy, idempotency_key: 'child' };
    // Its ordinals refer to different dependencies.
    const rival = { ...child, content: 'rival', dependencies: named.toReversed() };
    const bodies = [...Array.from({ length: creators }, () => child), ...(this.#rival ? [rival] : [])];
    const created = await Promise.all(
      bodies.map((body) => this.#create(body).catch((error: unknown) => this.#note(error))),
    );
    this.#child = created.find((task) => task !== undefined);
    if (this.#child) await this.#create({ dependencies: [this.#child.id], on_dependency_failure: policy });
  }

  #begin(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#errors.push(error));
  }

  #note(error: unknown): undefined {
    if (!(error instanceof Refusal)) throw error;
    this.refused.push(error.code);
  }

  async #create(input: Partial<TaskInput>): Promise<TaskRecord> {
    const caller = { keyId: 'key', role: 'admin' as const, scopes: [] };
    return (await create(this.#ports, TaskInput().parse({ content: 'work', ...input }), caller)).task;
  }

  async #live(id: string, steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      for (const name of step === 'complete' || step === 'fail' ? (['take', step] as const) : [step]) {
        await this.#ports.tasks.apply(id, this.#transition(name, this.#find({ id })));
        if (name === 'complete' && this.#draw(this.#story.survives)) {
          await updateDependents(this.#ports, id, await dependentsToUpdate(this.#ports, id));
        }
      }
    }
  }

  #transition(step: 'take' | Step, task: TaskRecord): Transition {
    const offer = anOffer({ start: true });
    const failure = { cause: 'failed', shouldRetry: false, report: {}, fraction: 0 } as const;
    switch (step) {
      case 'take':
        return take(task, offer, this.#now, defaultSettings);
      case 'complete':
        return complete({ agentId: offer.agentId, attempt: undefined }, {}, this.#now);
      case 'cancel':
        return cancel(task, undefined, this.#now);
      case 'fail':
        if (isHeld(task)) return fail(task, failure, this.#now, defaultSettings);
        break;
      case 'retry':
        if (isIn(task, ['failed', 'cancelled'])) return retry(task, [], this.#now, defaultSettings);
    }
    throw new Error(`A ${task.status} task cannot ${step}.`);
  }

  /** What the outbox does with a change. Like an event, it may be lost or repeated. */
  #follow(change: TaskChange): void {
    const { before, after } = change;
    if (after && before?.status !== after.status) this.#observe(before, after);
    const events = { publish: (published: Parameters<Events['publish']>[0]) => this.#deliver(published) };
    const batch = { shardId: 'shard', changes: [{ ...change, sequenceNumber: '1' }] };
    const times = this.#draw(this.#story.deliveries);
    for (let n = 0; n < times; n += 1) this.#begin(publishChanges({ ...this.#ports, events }, batch));
  }

  /** The bus rule that starts the release. */
  #deliver(events: Parameters<Events['publish']>[0]): Promise<void> {
    for (const event of events) {
      if (event.type !== releaseEvent.type) continue;
      const { task_id: id, status } = event.detail;
      this.#begin(releaseDependents(this.#ports, { id, status }));
    }
    return Promise.resolve();
  }

  #observe(before: TaskRecord | undefined, after: TaskRecord): void {
    if (isCompleted(after) || endsBadly(after)) this.#everEnded.add(after.id);
    if (endsBadly(after)) this.#everFailed.add(after.id);
    if (after.need === 0 || after.status !== 'pending') return;
    expect(before?.status, 'only what waits is released').not.toBe('pending');
    this.#released.set(after.id, (this.#released.get(after.id) ?? 0) + 1);
    expect(this.#released.get(after.id), 'a task is released once').toBe(1);
    for (const id of after.payload?.dependencies ?? []) {
      const isTolerated = this.#policyFor(after, id) === 'run_anyway';
      const isMet = isTolerated ? this.#everEnded.has(id) : this.#find({ id }).status === 'completed';
      expect(isMet, `dependency ${id} is met when its dependent is released`).toBe(true);
    }
  }

  #find(task: Pick<TaskRecord, 'id'> | undefined): TaskRecord {
    const found = this.#tasks.all().find((stored) => stored.task.id === task?.id)?.task;
    if (!found) throw new Error('The task does not exist.');
    return found;
  }

  #portsOn(tasks: Tasks): Ports {
    const nothing = () => Promise.resolve();
    return {
      tasks,
      clock: { now: () => this.#now },
      settings: defaultSettings,
      isUnavailable: () => false,
      random: { fraction: () => 0, taskId: () => `task-${(this.#ids += 1)}`, token: () => 'token' },
      lanes: { register: nothing },
      agents: { getMany: () => Promise.resolve([]) },
      graphs: { count: nothing },
      statistics: { queue: () => Promise.resolve({}) },
      wakeUps: { send: nothing },
      listings: { due: (kind: string, now: number) => Promise.resolve(kind === 'checks' ? this.#due(now) : []) },
    } as unknown as Ports;
  }

  #due(now: number): ListedTask[] {
    const due = this.#tasks.all().filter(({ indexEntry }) => indexEntry.in === 'checks' && indexEntry.at <= now);
    return due.map(({ task }) => ({ id: task.id, position: task.id }));
  }

  /** The same tasks, with calls and responses in the order of the story. */
  #scheduled(): Tasks {
    const { schedule, pauses, creationPause } = this.#story;
    return new Proxy(this.#tasks, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...input: unknown[]) => Promise<unknown>;
        return async (...input: unknown[]) => {
          const pause = this.#draw(pauses) + (name === 'create' ? creationPause : 0);
          for (let n = 0; n < pause; n += 1) await schedule.schedule(Promise.resolve(), 'pause');
          return schedule.schedule(method.apply(target, input), String(name));
        };
      },
    });
  }

  /** The next of the values, which the story repeats. */
  #draw<T>(values: readonly T[]): T {
    this.#draws += 1;
    return values[this.#draws % values.length] as T;
  }
}
