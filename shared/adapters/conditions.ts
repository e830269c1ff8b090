import { nameTag } from '../domain/hash.ts';
import type { Guard } from '../domain/transition.ts';
import { taskAttributes, stored, type TaskField } from './task-item.ts';

/** A condition expression with its names and values. */
export interface Condition {
  expression: string;
  names: Record<string, string>;
  values: Record<string, unknown>;
}

const isStillPending = '#status = :pending';
const isDueNow = '(attribute_not_exists(#dueAt) OR #dueAt <= :now)';
const isNotExcluded = '(attribute_not_exists(#excluded.#agent) OR #excluded.#agent <= :now)';
const isAssignedUnder = '#status = :assigned AND #offer = :offer';
const hasTimerBy = '#leaseUntil <= :timerAt';
const wasDeliveredToNone = 'attribute_not_exists(#instance)';
const isRunningHere = '#status = :running AND #agentId = :agent';
const isThisAttempt = '#attempt = :attempts';
const wasNeverHeld = 'attribute_not_exists(#attempt)';
const wasDeliveredToIt = '#instance = :instance';
const isStillWaiting = '#status = :waiting';
const isStillBlocked = '#status = :blocked';
const waitsForDependencies = '#status IN (:waiting, :blocked)';
const hasAllMet = 'size(#done) = #need';
const hasThisBody = '#bodyHash = :bodyHash';
const lacksOnlyThis = 'size(#done) = :others AND NOT contains(#done, :ordinal)';
const hasNoneMet = 'attribute_not_exists(#done)';
const hasFailed = 'attribute_exists(#failed)';
const hasThisFailed = 'contains(#failed, :ordinal)';
const hasNoFailed = 'attribute_not_exists(#failed)';
const followsNoSuchDecision = '(attribute_not_exists(#decision) OR #decision < :before)';

const waits = { ':waiting': 'waiting', ':blocked': 'blocked' };

/** The condition expression of a guard. */
export function conditionOf(guard: Guard): Condition {
  switch (guard.is) {
    case 'ready_for':
      return readyFor(guard);
    case 'assigned_under':
      return assignedUnder(guard);
    case 'run_by':
      return runBy(guard);
    case 'unchanged':
      return isTaskAsRead(guard);
    case 'all_met':
      return condition(`${waitsForDependencies} AND ${hasAllMet} AND ${hadAttempts(guard.attempt)}`, {
        ...waits,
        ...(guard.attempt > 0 && { ':attempts': guard.attempt }),
      });
    case 'last_dependency':
      return guard.others === 0
        ? condition(`${waitsForDependencies} AND ${hasThisBody} AND ${wasNeverHeld} AND ${hasNoneMet}`, {
            ...waits,
            ':bodyHash': guard.bodyHash,
          })
        : condition(`${waitsForDependencies} AND ${hasThisBody} AND ${wasNeverHeld} AND ${lacksOnlyThis}`, {
            ...waits,
            ':bodyHash': guard.bodyHash,
            ':others': guard.others,
            ':ordinal': guard.ordinal,
          });
    case 'some_failed':
      return condition(`${isStillWaiting} AND ${hasFailed}`, { ':waiting': 'waiting' });
    case 'this_failed':
      return condition(`${waitsForDependencies} AND ${hasThisFailed}`, { ...waits, ':ordinal': guard.ordinal });
    case 'none_failed':
      return condition(`${isStillBlocked} AND ${hasNoFailed}`, { ':blocked': 'blocked' });
  }
}

/** The attempt is not stored before the first one. */
const hadAttempts = (attempt: number) => (attempt === 0 ? wasNeverHeld : isThisAttempt);

function readyFor({ agentId, attempt, now }: Guard & { is: 'ready_for' }): Condition {
  const clauses = [isStillPending, isDueNow, isNotExcluded, ...(attempt === undefined ? [] : [hadAttempts(attempt)])];
  const values = { ':pending': 'pending', ':now': now, ...(attempt && { ':attempts': attempt }) };
  return condition(clauses.join(' AND '), values, { '#agent': nameTag(agentId) });
}

function assignedUnder({ offer, instance, timerAt }: Guard & { is: 'assigned_under' }): Condition {
  const wasDeliveredToNoOther =
    instance === undefined ? wasDeliveredToNone : `(${wasDeliveredToNone} OR ${wasDeliveredToIt})`;
  return condition(`${isAssignedUnder} AND ${hasTimerBy} AND ${wasDeliveredToNoOther}`, {
    ':assigned': 'assigned',
    ':offer': offer,
    ':timerAt': timerAt,
    ...(instance !== undefined && { ':instance': instance }),
  });
}

function runBy({ agentId, attempt, instance }: Guard & { is: 'run_by' }): Condition {
  const clauses = [
    isRunningHere,
    ...(attempt === undefined ? [] : [isThisAttempt]),
    ...(instance === undefined ? [] : [wasDeliveredToIt]),
  ];
  return condition(clauses.join(' AND '), {
    ':running': 'running',
    ':agent': agentId,
    ...(attempt !== undefined && { ':attempts': attempt }),
    ...(instance !== undefined && { ':instance': instance }),
  });
}

function isTaskAsRead({ task, before }: Guard & { is: 'unchanged' }): Condition {
  const values: Record<string, unknown> = before === undefined ? {} : { ':before': before };
  const clauses = Object.entries(task).map(([field, read]) => {
    const value = stored(field as TaskField, read);
    if (value === undefined) return `attribute_not_exists(#${field})`;
    values[`:${field}_read`] = value;
    return `#${field} = :${field}_read`;
  });
  if (before !== undefined) clauses.push(followsNoSuchDecision);
  return condition(clauses.join(' AND '), values);
}

/** Adds the names of the fields that a condition mentions as `#field`. */
export function condition(
  expression: string,
  values: Record<string, unknown>,
  names: Record<string, string> = {},
): Condition {
  return { expression, values, names: { ...namesIn(expression), ...names } };
}

/** The attribute names of the fields that an expression mentions as `#field`. */
export function namesIn(expression: string): Record<string, string> {
  const mentioned = [...expression.matchAll(/#(\w+)/g)].map(([, field]) => field as TaskField);
  return Object.fromEntries(
    mentioned.filter((field) => field in taskAttributes).map((field) => [`#${field}`, taskAttributes[field]]),
  );
}
