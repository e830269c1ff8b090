import type { Task } from '#shared/contract/task.ts';
import type { Status } from './states.ts';

type StatusEntry = Task['history'][number];

/** One line of a task's history: an attempt from its assignment to its end, or an event between attempts. */
export interface HistoryLine {
  /** When it began. */
  at: number;
  /** The resulting state. */
  status: Status;
  attempt?: Attempt;
  /** Whether it is the creation of the task. */
  isCreation?: boolean;
  reason?: string | undefined;
}

export interface Attempt {
  number: number;
  agentId: string | undefined;
  startedAt?: number;
  endedAt?: number;
}

const isHeld = (status: Status) => status === 'assigned' || status === 'running';

/** Without a reason of the caller's, a cancellation repeats its status. */
const reasonOf = ({ status, reason }: StatusEntry) => (reason === status ? undefined : reason);

/** The history of a task, latest first. */
export function historyLinesOf(history: readonly StatusEntry[]): HistoryLine[] {
  const historyLines: HistoryLine[] = [];
  history.forEach((past, n) => {
    const at = Date.parse(past.at);
    const last = historyLines.at(-1);
    const open = last?.attempt && last.attempt.endedAt === undefined ? last.attempt : undefined;
    if (isHeld(past.status)) {
      const number = past.attempt ?? open?.number ?? 0;
      const startedAt = past.status === 'running' ? { startedAt: at } : {};
      if (last && open?.number === number) {
        Object.assign(open, startedAt, past.agent_id !== undefined && { agentId: past.agent_id });
        last.status = past.status;
      } else {
        historyLines.push({ at, status: past.status, attempt: { number, agentId: past.agent_id, ...startedAt } });
      }
      return;
    }
    if (last && open) {
      open.endedAt = at;
      open.agentId ??= past.agent_id;
      last.status = past.status;
      last.reason = reasonOf(past);
      return;
    }
    historyLines.push({ at, status: past.status, reason: reasonOf(past), ...(n === 0 && { isCreation: true }) });
  });
  return historyLines.reverse();
}
