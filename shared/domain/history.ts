import type { Status } from '../contract/nouns.ts';
import { holdOf, isEnded, type TaskIn, type TaskRecord } from './task.ts';
import { inTimeOrder } from './time-order.ts';

export interface PastStatus {
  status: Status;
  at: number;
  attempt?: number;
  agentId?: string;
  reason?: string;
}

type PastHold = Pick<PastStatus, 'attempt' | 'agentId'> & { assignedAt?: number; startedAt?: number };

/** The states that a task went through, oldest first, reconstructed from its times and its bounded log. */
export function history(stored: TaskRecord): PastStatus[] {
  const task = inTimeOrder(stored);
  const passages: PastStatus[] = [];
  const isLogged = task.log.length > 0;
  const wasReadyAtOnce = !isLogged && task.readyAt === task.createdAt;
  passages.push({ status: task.need > 0 && !wasReadyAtOnce ? 'waiting' : 'pending', at: task.createdAt });
  if (task.need > 0 && !wasReadyAtOnce && task.readyAt !== undefined && !task.log.some(isRequeue)) {
    // A task whose ready time lies in the future may have ended before it.
    const { assignedAt = Infinity } = firstHoldSinceReady(task) ?? {};
    passages.push({
      status: 'pending',
      at: Math.min(task.readyAt, assignedAt, isEnded(task) ? task.endedAt : Infinity),
    });
  }
  for (const { status, at, cause, reason, ...hold } of task.log) {
    passages.push(...holdEntries(hold), {
      status,
      at,
      ...(hold.attempt !== undefined && { attempt: hold.attempt }),
      ...(hold.agentId !== undefined && { agentId: hold.agentId }),
      reason: reason === undefined ? cause : `${cause}: ${reason}`,
    });
  }
  const last = task.log.at(-1);
  const isReleasedSince = task.log.some(isRequeue) && isOpen(last?.status) && !isOpen(task.status);
  if (isReleasedSince && task.readyAt !== undefined) passages.push({ status: 'pending', at: task.readyAt });

  const hold = holdOf(task);
  if (hold && !task.log.some((entry) => entry.offer === hold.offer)) {
    const { attempt } = task;
    const { agentId } = hold;
    passages.push(...holdEntries({ ...hold, attempt }));
    if (task.status === 'completed') passages.push({ status: 'completed', at: task.endedAt, attempt, agentId });
  }
  return passages.sort((one, other) => one.at - other.at);
}

/** The first attempt since the task last waited. */
const firstHoldSinceReady = ({ log }: TaskRecord) =>
  log.slice(log.findLastIndex(({ status }) => isOpen(status)) + 1).find(({ assignedAt }) => assignedAt !== undefined);

const isOpen = (status: Status | undefined) => status === 'waiting' || status === 'blocked';

const isRequeue = ({ status }: PastStatus) => status === 'pending';

function holdEntries({ attempt, agentId, assignedAt, startedAt }: PastHold): PastStatus[] {
  const by = { ...(attempt !== undefined && { attempt }), ...(agentId !== undefined && { agentId }) };
  return [
    ...(assignedAt === undefined ? [] : [{ status: 'assigned' as const, at: assignedAt, ...by }]),
    ...(startedAt === undefined ? [] : [{ status: 'running' as const, at: startedAt, ...by }]),
  ];
}

/** A short reason why a task failed, was cancelled or is blocked. */
export function reasonOf({ status, log }: TaskIn<'failed' | 'cancelled' | 'blocked'>): string {
  const last = log.at(-1);
  const words = [last?.cause, last?.reason].filter((word) => word !== undefined && word !== status);
  return words.join(': ') || status;
}
