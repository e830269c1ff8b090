import { byGraphDecision, afterGraphDecision } from '../domain/graph-decision.ts';
import type { DependencyStatuses } from '../domain/dependencies.ts';
import { cancel, retry } from '../domain/lifecycle.ts';
import { isHeld, type CancelledTask, type FailedTask, type TaskRecord } from '../domain/task.ts';
import type { ReadTransition } from '../domain/transition.ts';
import type { Ports, WriteOutcome } from '../ports.ts';
import { freeSlot } from './free-slot.ts';
import { confirmFailures } from './check-dependencies.ts';

/** Adds to a change how it relates to decisions about the task's graph: see `asDecided` and `asKnown`. */
export type WithDecision = (transition: ReadTransition) => ReadTransition;

/** The change of a task by a decision about its graph. */
export const withNewDecision =
  (number: number): WithDecision =>
  (transition) =>
    byGraphDecision(transition, number);

/** The change of one task alone. Graph decisions made so far no longer apply to the task. */
export async function withKnownDecision(
  { graphs }: Pick<Ports, 'graphs'>,
  { graphId }: TaskRecord,
): Promise<WithDecision> {
  const decided = graphId === undefined ? 0 : ((await graphs.head(graphId))?.decided ?? 0);
  return (transition) => afterGraphDecision(transition, decided);
}

/** Cancels an open task, unless it has changed since it was read. */
export async function cancelAsRead(
  ports: Ports,
  read: TaskRecord,
  reason: string | undefined,
  withDecision: WithDecision,
): Promise<WriteOutcome> {
  const outcome = await ports.tasks.apply(read.id, withDecision(cancel(read, reason, ports.clock.now())));
  if (outcome.applied && isHeld(read)) await freeSlot(ports, outcome.task, read);
  return outcome;
}

/**
 * Retries a task, unless it has changed since it was read.
 * @param states of its dependencies, read after the task
 */
export async function retryAsRead(
  ports: Ports,
  read: FailedTask | CancelledTask,
  states: DependencyStatuses,
  withDecision: WithDecision,
): Promise<WriteOutcome> {
  const transition = withDecision(retry(read, states, ports.clock.now(), ports.settings));
  const outcome = await ports.tasks.apply(read.id, transition);
  return outcome.applied ? { applied: true, task: await confirmFailures(ports, outcome.task) } : outcome;
}
