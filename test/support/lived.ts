import type { TaskChange } from '#shared/domain/task-change.ts';
import { laneOrder } from '#shared/domain/lane.ts';
import { defaultSettings } from '#shared/domain/settings.ts';
import { isPending, type PendingTask, type TaskRecord, type WaitingTask } from '#shared/domain/task.ts';
import type { IndexEntry } from '#shared/domain/transition.ts';
import { transitionOf, type Attempt } from './task-life.ts';
import { applied, marked, type Stored } from './task-model.ts';
import { morning } from './tasks.ts';

/** The states of a task over its life, and its changes. */
export interface Life {
  states: Stored[];
  changes: TaskChange[];
}

/** Applies all these attempts to a task in memory, change by change. */
export function lived(task: PendingTask | WaitingTask, attempts: readonly Attempt[]): Life {
  const indexEntry = firstEntry(task);
  const states: Stored[] = [{ task, indexEntry }];
  const changes: TaskChange[] = [{ id: 'created', at: morning, before: undefined, after: task }];
  let now = morning;
  for (const [n, attempt] of attempts.entries()) {
    now += attempt.later;
    const present = states.at(-1);
    const seen = states.at(-1 - attempt.behind) ?? present;
    if (!present || !seen) break;
    const transition = transitionOf(attempt, seen.task, `token-${n}`, now);
    const isMark = attempt.action === 'mark' && task.need > 0;
    const next = isMark ? marked(present, attempt.ordinal, attempt.mark) : transition && applied(present, transition);
    if (!next) continue;
    changes.push({ id: `change-${n}`, at: now, before: present.task, after: next.task });
    states.push(next);
  }
  return { states, changes };
}

function firstEntry(task: PendingTask | WaitingTask): IndexEntry {
  if (!isPending(task)) return { in: 'checks', at: morning };
  return task.dueAt === undefined ? laneEntry(task) : { in: 'timers', at: task.dueAt };
}

/** The index entry of a ready task. */
export const laneEntry = (task: TaskRecord) => ({
  in: 'lane' as const,
  lane: task.lane,
  routing: task.routing,
  timeoutMs: task.timeoutMs,
  attempt: task.attempt,
  order: laneOrder(task.priority, task.readyAt ?? task.createdAt, defaultSettings.allowanceMs),
});
