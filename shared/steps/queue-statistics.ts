import { oldestReadySeconds, type LaneSummary } from '../domain/lane-summary.ts';
import { percentile } from '../domain/histogram.ts';
import { startOfMinute, waitsIn, type Minute } from '../domain/minutes.ts';
import { noCounts, type QueueCounters } from '../domain/statistics.ts';
import type { Ports } from '../ports.ts';
import { instant } from '../wire/instant.ts';
import { lanesNow } from './overview.ts';

/** Tasks by status, with rates, times and the last hour. */
export async function queueStatistics(ports: Ports) {
  const [{ counts, minutes }, lanes] = await Promise.all([ports.statistics.lastHour(), lanesNow(ports)]);
  return { ...queueStatisticsOf(counts, lanes, ports.clock.now()), ...lastHourOf(minutes) };
}

function lastHourOf(minutes: readonly Minute[]) {
  const waits = waitsIn(minutes);
  return {
    wait_p50_ms: percentile(waits, 0.5),
    wait_p99_ms: percentile(waits, 0.99),
    per_minute: minutes.map(({ number, counts }) => ({ minute: instant(startOfMinute(number)), ...counts })),
  };
}

/** No count is shown as negative, whatever happened to it. */
export function atLeastZero(counts: QueueCounters): QueueCounters {
  const clamped = { ...counts };
  for (const name of Object.keys(noCounts()) as (keyof QueueCounters)[]) clamped[name] = Math.max(0, counts[name]);
  return clamped;
}

export function queueStatisticsOf(counters: QueueCounters, lanes: LaneSummary, now: number) {
  const { executions, executionMs, waits, waitMs, pendingAuto: _pendingAuto, ...counts } = atLeastZero(counters);
  const { completed, failed } = counts;
  const outcomes = completed + failed;
  return {
    ...counts,
    total: Object.values(counts).reduce((sum, n) => sum + n, 0),
    success_rate: outcomes === 0 ? 1 : completed / outcomes,
    avg_execution_ms: executions === 0 ? 0 : executionMs / executions,
    avg_wait_ms: waits === 0 ? 0 : waitMs / waits,
    oldest_pending_seconds: oldestReadySeconds(lanes, now),
  };
}
