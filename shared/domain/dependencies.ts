import type { Status } from '../contract/nouns.ts';
import { logged } from './task-log.ts';
import { checkEntry, pendingEntry } from './index-entries.ts';
import type { Settings } from './settings.ts';
import { policyOf, type Policies } from './dependency-policy.ts';
import { heldChange, type Offer } from './holding.ts';
import type { Edge } from './edge.ts';
import { fieldsToClear } from './state-fields.ts';
import {
  failsDependents,
  isDependent,
  type DependentTask,
  type LogEntry,
  type TaskDefinition,
  type TaskRecord,
} from './task.ts';
import type { Guard, StateChange, Transition } from './transition.ts';

/**
 * The current statuses of a task's dependencies, by ordinal. Undefined: the dependency was deleted, and how it ended is
 * unknown.
 */
export type DependencyStatuses = readonly (Status | undefined)[];

/** The current status of a dependency. What the task has recorded about it outlives the dependency. */
export function dependencyStatus(
  { done, failed }: Pick<TaskRecord, 'done' | 'failed'>,
  ordinal: number,
  found: Status | undefined,
): Status | undefined {
  if (done.includes(ordinal)) return 'completed';
  return found ?? (failed.includes(ordinal) ? 'failed' : undefined);
}

/**
 * What a dependency with this status means for a dependent with this policy. A deleted one has ended, but may have
 * completed.
 */
export function countsAs(status: Status | undefined, policy: TaskRecord['policy']): 'met' | 'failed' | 'open' {
  if (status === 'completed') return 'met';
  if (status !== undefined && !failsDependents(status)) return 'open';
  if (policy === 'run_anyway') return 'met';
  return status === undefined ? 'open' : 'failed';
}

/** The ordinals of met and of failed dependencies. */
export function sortDependencies(states: DependencyStatuses, policies: Policies): { met: number[]; failed: number[] } {
  const met: number[] = [];
  const failed: number[] = [];
  states.forEach((status, ordinal) => {
    const how = countsAs(status, policyOf(policies, ordinal));
    if (how === 'met') met.push(ordinal);
    if (how === 'failed') failed.push(ordinal);
  });
  return { met, failed };
}

/** The fields of a task that dependency decisions need; a task without an attempt is new. */
type TaskFacts = Pick<
  TaskDefinition,
  'lane' | 'routing' | 'priority' | 'timeoutMs' | 'payloadKb' | 'policy' | 'otherPolicies' | 'need' | 'notBefore'
> & { attempt?: number };

/** The state that a new or retried task gets from the current state of its dependencies. */
export function dependencyChange(
  task: TaskFacts,
  states: DependencyStatuses,
  now: number,
  settings: Settings,
): StateChange {
  const { met, failed } = sortDependencies(states, task);
  const ordinals = { ...(met.length > 0 && { met }), ...(failed.length > 0 && { failed }) };
  if (met.length === task.need) return { ...ordinals, ...readyChange(task, now, settings) };
  if (cancellingOne(task, failed) !== undefined) {
    return {
      ...ordinals,
      set: { status: 'cancelled', endedAt: now, log: [{ status: 'cancelled', at: now, cause: 'dependency_failed' }] },
      indexEntry: { in: 'ended', status: 'cancelled', at: now },
    };
  }
  const { indexEntry, next } = checkEntry(now);
  if (failed.length === 0) return { ...ordinals, set: { status: 'waiting', checkEveryMs: next }, indexEntry };
  const log: LogEntry[] = [{ status: 'blocked', at: now, cause: 'dependency_failed' }];
  return { ...ordinals, set: { status: 'blocked', checkEveryMs: next, log }, indexEntry };
}

/** The first of the failed dependencies whose failure cancels the task. */
const cancellingOne = (policies: Policies, failed: readonly number[]) =>
  failed.find((ordinal) => policyOf(policies, ordinal) === 'cancel');

function readyChange(task: TaskFacts, now: number, settings: Settings): StateChange {
  const readyAt = Math.max(now, task.notBefore ?? 0);
  return {
    set: { status: 'pending', readyAt, ...(readyAt > now && { dueAt: readyAt }) },
    indexEntry: pendingEntry({ attempt: 0, ...task }, readyAt, now, settings),
  };
}

const released = (task: TaskFacts, now: number, settings: Settings): StateChange => ({
  ...readyChange(task, now, settings),
  clear: fieldsToClear(['waiting', 'blocked'], 'pending'),
});

/** The transition that the dependencies of a waiting or blocked task call for; undefined if none. */
export function nextStep(task: TaskRecord, now: number, settings: Settings): Transition | undefined {
  if (!isDependent(task)) return undefined;
  if (task.done.length === task.need) {
    return { guard: { is: 'all_met', attempt: task.attempt }, change: released(task, now, settings) };
  }
  // A dependency that failed before it was met may be listed in both until its completion is recorded.
  const failed = task.failed.filter((ordinal) => !task.done.includes(ordinal));
  const why = { cause: 'dependency_failed' } as const;
  const ordinal = cancellingOne(task, failed);
  if (ordinal !== undefined) {
    return {
      guard: { is: 'this_failed', ordinal },
      change: {
        set: { status: 'cancelled', endedAt: now, excluded: {}, log: logged(task, 'cancelled', now, why) },
        clear: fieldsToClear(task.status, 'cancelled'),
        indexEntry: { in: 'ended', status: 'cancelled', at: now },
      },
    };
  }
  if (task.status === 'waiting' && failed.length > 0) {
    return {
      guard: { is: 'some_failed' },
      change: { set: { status: 'blocked', log: logged(task, 'blocked', now, why) } },
    };
  }
  if (task.status === 'blocked' && task.failed.length === 0) {
    const log = logged(task, 'waiting', now, { cause: 'dependency_retried' });
    return { guard: { is: 'none_failed' }, change: { set: { status: 'waiting', log } } };
  }
  return undefined;
}

/** Releases a child that was never held and lacks only this dependency, in one write. */
export function releaseLast(edge: Edge, now: number, settings: Settings): Transition {
  return { guard: lacksOnly(edge), change: { ...released(edge, now, settings), ...meets(edge) } };
}

const lacksOnly = ({ childHash, ordinal, need }: Edge): Guard => ({
  is: 'last_dependency',
  bodyHash: childHash,
  ordinal,
  others: need - 1,
});

const meets = ({ ordinal }: Edge) => ({ met: [ordinal], unfailed: [ordinal] });

/**
 * Like `releaseLast`, but the offer wins the child in the same write, so it enters no lane. Only for a child that is
 * due; having never been held, it excludes no agent.
 */
export function releaseToHolder(edge: Edge, offer: Offer, now: number, settings: Settings): Transition {
  const { set, ...held } = heldChange(offer, edge.timeoutMs, now, settings);
  const clear = fieldsToClear(['waiting', 'blocked'], set.status);
  return { guard: lacksOnly(edge), change: { ...held, ...meets(edge), set: { ...set, readyAt: now }, clear } };
}

/**
 * Whether a child has counted this dependency as met and needs no further step because of it. This holds however old
 * the read is: a met dependency stays met, and each writer takes the steps that follow from its own change.
 */
export function hasCounted(
  { childHash, ordinal }: Edge,
  child: TaskRecord | undefined,
  now: number,
  settings: Settings,
): boolean {
  if (child?.bodyHash !== childHash || !child.done.includes(ordinal)) return false;
  return nextStep(child, now, settings) === undefined;
}

/** The dependencies were checked: the task now agrees with them, and the next check comes after a longer interval. */
export function checkAgain(
  task: DependentTask,
  { met, failed }: ReturnType<typeof sortDependencies>,
  now: number,
): Transition {
  const { indexEntry, next } = checkEntry(now, task.checkEveryMs);
  const missed = met.filter((ordinal) => !task.done.includes(ordinal));
  return {
    guard: {
      is: 'unchanged',
      task: { status: task.status, attempt: task.attempt, done: task.done, failed: task.failed },
    },
    change: { set: { checkEveryMs: next, failed }, indexEntry, ...(missed.length > 0 && { met: missed }) },
  };
}
