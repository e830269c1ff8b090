import { metricsPage } from '../../contract/pages.ts';
import { percentile } from '../../domain/histogram.ts';
import { oldestReadySeconds } from '../../domain/lane-summary.ts';
import { waitsIn } from '../../domain/minutes.ts';
import { openStatuses } from '../../domain/statistics.ts';
import type { Ports } from '../../ports.ts';
import { fleetNow, lanesNow } from '../../steps/overview.ts';
import { atLeastZero } from '../../steps/queue-statistics.ts';
import { prometheusText, type MetricFamily } from '../../wire/prometheus.ts';
import { implement } from '../implement.ts';

export const prometheusMetrics = implement(metricsPage, async (ports) => prometheusText(await families(ports)));

async function families(ports: Ports): Promise<MetricFamily[]> {
  const [{ counts: found, minutes }, { summary: fleet }, lanes] = await Promise.all([
    ports.statistics.lastHour(),
    fleetNow(ports),
    lanesNow(ports),
  ]);
  const counts = atLeastZero(found);
  const waits = waitsIn(minutes);
  const { withWork = 0, stuckLanes } = lanes;
  const { active, busy, stale, draining, left, slots } = fleet;
  return [
    {
      name: 'muster_tasks',
      type: 'gauge',
      help: 'Tasks that have not ended, by status.',
      samples: openStatuses.map((status) => ({ labels: { status }, value: counts[status] })),
    },
    {
      name: 'muster_ended_tasks',
      type: 'gauge',
      help: 'Tasks that have ended, deleted ones included, by status. Falls when a task is retried.',
      samples: (['completed', 'failed', 'cancelled'] as const).map((status) => ({
        labels: { status },
        value: counts[status],
      })),
    },
    {
      name: 'muster_task_wait_seconds',
      type: 'summary',
      help: 'Time from ready to assigned; quantiles of the last hour.',
      samples: [
        ...[0.5, 0.99].map((quantile) => ({
          labels: { quantile: String(quantile) },
          value: percentile(waits, quantile) / 1000,
        })),
        { suffix: '_sum', value: counts.waitMs / 1000 },
        { suffix: '_count', value: counts.waits },
      ],
    },
    {
      name: 'muster_task_run_seconds',
      type: 'summary',
      help: 'Run time of completed tasks.',
      samples: [
        { suffix: '_sum', value: counts.executionMs / 1000 },
        { suffix: '_count', value: counts.executions },
      ],
    },
    {
      name: 'muster_oldest_ready_seconds',
      type: 'gauge',
      help: 'How long the task next in line has been ready, the maximum over all lanes.',
      samples: [{ value: oldestReadySeconds(lanes, ports.clock.now()) }],
    },
    {
      name: 'muster_lanes',
      type: 'gauge',
      help: 'Requirement sets with ready work; stuck: no agent meets them.',
      samples: [
        { labels: { state: 'with_work' }, value: withWork },
        { labels: { state: 'stuck' }, value: stuckLanes },
      ],
    },
    {
      name: 'muster_agents',
      type: 'gauge',
      help: 'Agents by state; busy ones are active and hold a task.',
      samples: Object.entries({ active, busy, stale, draining, left }).map(([state, value]) => ({
        labels: { state },
        value,
      })),
    },
    {
      name: 'muster_slots',
      type: 'gauge',
      help: 'Tasks that agents hold, and how many they can hold in total.',
      samples: [
        { labels: { state: 'used' }, value: slots.used },
        { labels: { state: 'total' }, value: slots.total },
      ],
    },
  ];
}
