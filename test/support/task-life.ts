import fc from 'fast-check';
import { checkAgain, nextStep, releaseLast, releaseToHolder, sortDependencies } from '#shared/domain/dependencies.ts';
import { assign, complete, fail, requeue, renew, start, take, takeOver } from '#shared/domain/holding.ts';
import { cancel, enterLane, checkAgainAt, retry } from '#shared/domain/lifecycle.ts';
import { pendingEntry } from '#shared/domain/index-entries.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import type { Edge } from '#shared/domain/edge.ts';
import {
  isDependent,
  isEnded,
  isHeld,
  isIn,
  isPending,
  isRunning,
  type HeldTask,
  type TaskRecord,
} from '#shared/domain/task.ts';
import type { Transition } from '#shared/domain/transition.ts';
import { policyOf } from '#shared/domain/dependency-policy.ts';
import type { DependencyState } from '#shared/ports.ts';
import { aRecipient, minute, second } from './tasks.ts';

const actions = [
  'take',
  'take',
  'take',
  'assign',
  'start',
  'start',
  'take over',
  'renew',
  'complete',
  'fail',
  'lose',
  'release',
  'not start',
  'retry',
  'enter lane',
  'look again',
  'release by dependency',
  'release to an agent',
  'check dependencies',
  'step',
  'step',
  'mark',
  'mark',
] as const;

/** An attempt to change a task, based on a possibly outdated read. */
export interface Attempt {
  action: (typeof actions)[number] | 'cancel';
  agentId: string;
  /** How many changes of the task the read misses. */
  behind: number;
  /** Milliseconds since the previous attempt. */
  later: number;
  /** Any yes-or-no choice: names the attempt, starts at once, may be retried. */
  yes: boolean;
  ordinal: number;
  mark: DependencyState;
  dependencies: TaskRecord['status'][];
}

/** Attempts over the life of a task with this many dependencies. */
export const life = (need: number, attempts = 40): fc.Arbitrary<Attempt[]> =>
  fc.array(
    fc.record({
      action: fc.oneof(
        { arbitrary: fc.constantFrom(...actions), weight: 40 },
        { arbitrary: fc.constant('cancel' as const), weight: 1 },
      ),
      agentId: fc.constantFrom('ada', 'bob'),
      behind: fc.constantFrom(0, 0, 0, 1, 2),
      later: fc.constantFrom(1, 1, second, 3 * minute, 20 * minute),
      yes: fc.boolean(),
      ordinal: fc.nat(Math.max(0, need - 1)),
      mark: fc.constantFrom('met', 'failed', 'unfailed'),
      dependencies: fc.array(fc.constantFrom('completed', 'completed', 'failed', 'running'), {
        minLength: need,
        maxLength: need,
      }),
    }),
    { minLength: attempts, maxLength: attempts },
  );

/**
 * The attempted transition. Undefined if the attempt records a dependency state, which is not a transition, or would
 * not be made for the task as read.
 */
export function transitionOf(attempt: Attempt, task: TaskRecord, token: string, now: number): Transition | undefined {
  const { action, agentId, yes, ordinal, dependencies } = attempt;
  const offer = { agentId, token, by: 'router' as const, start: yes };
  const failure = { shouldRetry: yes, report: {}, fraction: 0.5 };
  switch (action) {
    case 'take':
      return take(task, offer, now, defaultSettings);
    case 'complete':
      return complete({ agentId, attempt: yes ? task.attempt : undefined }, { durationMs: second }, now);
    case 'release by dependency':
      return releaseLast(edgeTo(task, ordinal), now, defaultSettings);
    case 'release to an agent':
      return (task.notBefore ?? 0) > now
        ? undefined
        : releaseToHolder(edgeTo(task, ordinal), { ...offer, start: true }, now, defaultSettings);
    case 'step':
      return nextStep(task, now, defaultSettings);
    case 'assign':
      if (isIn(task, ['pending', 'assigned'])) return assign(task, offer, now, defaultSettings);
      return undefined;
    case 'cancel':
      return isEnded(task) ? undefined : cancel(task, 'not needed', now);
    case 'retry':
      if (isIn(task, ['failed', 'cancelled'])) return retry(task, dependencies, now, defaultSettings);
      return undefined;
    case 'check dependencies':
      if (!isDependent(task)) return undefined;
      return checkAgain(task, sortDependencies(dependencies, task), now);
    case 'enter lane':
      if (!isPending(task) || task.dueAt === undefined || task.dueAt > now) return undefined;
      return enterLane(task, pendingEntry(task, task.readyAt, now, defaultSettings));
    case 'look again':
      if (isHeld(task)) return checkAgainAt(task, task.leaseUntil);
      return isPending(task) && task.dueAt !== undefined ? checkAgainAt(task, task.dueAt) : undefined;
    case 'mark':
      return undefined;
    case 'take over':
      if (!isHeld(task)) return undefined;
      return takeOver(task, aRecipient({ token, ...(yes && { instance: `${action}-1` }) }), yes, now, defaultSettings);
    default:
      return isHeld(task) ? transitionOfHolder(action, failure, task, now) : undefined;
  }
}

function transitionOfHolder(
  action: 'start' | 'renew' | 'fail' | 'lose' | 'release' | 'not start',
  failure: Omit<Parameters<typeof fail>[1], 'cause'>,
  task: HeldTask,
  now: number,
): Transition | undefined {
  switch (action) {
    case 'start':
      return isRunning(task) ? undefined : start(task, aRecipient(), now, defaultSettings);
    case 'renew':
      return isRunning(task) ? renew(task, { percent: 50 }, now, defaultSettings) : undefined;
    case 'fail':
      return fail(task, { ...failure, cause: 'failed', reason: 'no answer' }, now, defaultSettings);
    case 'lose':
      return fail(task, { ...failure, cause: 'agent_lost' }, now, defaultSettings);
    case 'release':
      return requeue(task, { cause: 'released' }, now, defaultSettings);
    case 'not start':
      return requeue(task, { cause: 'not_started' }, now, defaultSettings);
  }
}

/** The edge from one of its dependencies to a task. */
export function edgeTo(child: TaskRecord, ordinal: number): Edge {
  const { id: childId, bodyHash: childHash, need, lane, routing, priority, timeoutMs, notBefore } = child;
  const policy = policyOf(child, ordinal);
  const fields = { need, policy, lane, routing, priority, timeoutMs, ...(notBefore !== undefined && { notBefore }) };
  return { parentId: `parent-${ordinal}`, childId, childHash, ordinal, ...fields };
}
