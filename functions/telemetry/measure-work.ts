import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { isEnded, isHeld, executionMs } from '#shared/domain/task.ts';
import { waitOf } from '#shared/domain/statistics.ts';
import type { WorkSummary } from '#shared/steps/work-summary.ts';
import type { CountedBatch, Counting } from '#shared/ports.ts';
import { workMetrics } from '#shared/schema.ts';

const emitter = new Metrics();

/** Counts batches and emits metrics for them; a redelivered batch is not measured again. */
export function measured(counting: Counting): Counting {
  return {
    uncounted: (changes) => counting.uncounted(changes),
    async add(batch) {
      const counts = await counting.add(batch);
      if (counts) measureChanges(batch.changes);
      return counts;
    },
  };
}

/** One line per batch: counts, and distributions of times. Requeued tasks are counted by cause, one line each. */
function measureChanges(changes: CountedBatch['changes']): void {
  const causes = new Map<string, number>();
  for (const { before, after } of changes) {
    if (!after) continue;
    if (!before) count(workMetrics.created);
    if (isEnded(after) && after.status !== before?.status) count(workMetrics[after.status]);
    if (after.status === 'completed' && before?.status !== 'completed') time(workMetrics.run, executionMs(after));
    const waitMs = waitOf(before, after);
    if (waitMs !== undefined) time(workMetrics.wait, waitMs);
    const cause = after.log.at(-1)?.cause;
    if (after.status === 'pending' && before && isHeld(before) && cause !== undefined) {
      causes.set(cause, (causes.get(cause) ?? 0) + 1);
    }
  }
  if (emitter.hasStoredMetrics()) emitter.publishStoredMetrics();
  for (const [cause, requeued] of causes) {
    const ofCause = emitter.singleMetric();
    ofCause.addDimension(workMetrics.requeued.dimension, cause);
    ofCause.addMetric(workMetrics.requeued.name, MetricUnit.Count, requeued);
  }
}

const count = (name: string) => emitter.addMetric(name, MetricUnit.Count, 1);
const time = (name: string, ms: number) => emitter.addMetric(name, MetricUnit.Milliseconds, ms);

/** One line: the current state of the work. */
export function measureWork(summary: WorkSummary): void {
  for (const [name, { metric, unit }] of Object.entries(workMetrics.now)) {
    const value = summary[name as keyof WorkSummary];
    if (value !== undefined) emitter.addMetric(metric, unit, value);
  }
  emitter.publishStoredMetrics();
}
