import type { Ports } from '../ports.ts';
import { headsOfAllLanes } from './lane-heads.ts';

/** The tasks by status, with rates and times. */
export async function queueStatistics(ports: Ports) {
  const {
    executions,
    executionMs,
    waits,
    waitMs,
    pendingAuto: _pendingAuto,
    ...counts
  } = await ports.statistics.queue();
  const { completed, failed, pending } = counts;
  const judged = completed + failed;
  const heads = pending > 0 ? await headsOfAllLanes(ports) : [];
  const readySince = heads.map(({ task }) => task.readyAt);
  const oldest = readySince.length === 0 ? 0 : Math.max(0, ports.clock.now() - Math.min(...readySince));
  return {
    ...counts,
    total: Object.values(counts).reduce((sum, n) => sum + n, 0),
    success_rate: judged === 0 ? 1 : completed / judged,
    avg_execution_ms: executions === 0 ? 0 : executionMs / executions,
    avg_wait_ms: waits === 0 ? 0 : waitMs / waits,
    oldest_pending_seconds: oldest / 1000,
  };
}
