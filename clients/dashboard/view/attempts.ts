import type { Task } from '#shared/contract/task.ts';
import type { Status } from './states.ts';

type Past = Task['history'][number];

/** One line of what happened to a task. */
export interface Happening {
  at: number;
  status: Status;
  /** The attempt that it belongs to; 0 before the first. */
  attempt: number;
  agentId: string | undefined;
  /** In words: "assigned to fixer", "failed after 4 min 51 s". */
  what: 'created' | 'ready' | 'returned' | Status;
  /** How long the attempt took, at its end. */
  lastedMs: number | undefined;
  reason: string | undefined;
}

const ends: readonly Status[] = ['completed', 'failed', 'cancelled'];

/** What happened to a task, the latest first. */
export function happeningsOf(history: readonly Past[]): Happening[] {
  let startedAt: number | undefined;
  let attempt = 0;
  let agentId: string | undefined;
  const happenings = history.map((past, n): Happening => {
    const at = Date.parse(past.at);
    attempt = past.attempt ?? attempt;
    agentId = past.agent_id ?? agentId;
    const before = startedAt;
    const isHeld = past.status === 'assigned' || past.status === 'running';
    startedAt = past.status === 'running' ? at : isHeld ? startedAt : undefined;
    return {
      at,
      status: past.status,
      attempt,
      agentId: isHeld || before !== undefined ? agentId : past.agent_id,
      what: whatOf(past, n === 0, before !== undefined),
      lastedMs: !isHeld && before !== undefined ? at - before : undefined,
      reason: past.reason,
    };
  });
  return happenings.toReversed();
}

function whatOf({ status, attempt }: Past, isFirst: boolean, ran: boolean): Happening['what'] {
  if (isFirst) return 'created';
  if (ends.includes(status) || status !== 'pending') return status;
  return ran || (attempt ?? 0) > 0 ? 'returned' : 'ready';
}
