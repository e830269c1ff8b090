import { bucketOf, mergedHistograms, type Histogram } from './histogram.ts';
import { isEnded, type TaskRecord } from './task.ts';
import { waitOf } from './statistics.ts';

/** How many tasks were created and ended. */
export interface MinuteCounts {
  created: number;
  completed: number;
  failed: number;
  cancelled: number;
}

/** What was counted in one minute, which is the minute in which the changes were counted: some seconds after they happened. */
export interface Minute {
  /** Since 1970, in minutes. */
  number: number;
  counts: MinuteCounts;
  /** How long the tasks that were assigned had been ready. */
  waits: Histogram;
}

const minuteMs = 60_000;

export const minuteAt = (now: number) => Math.floor(now / minuteMs);
export const beginOf = (minute: number) => minute * minuteMs;

export const noMinuteCounts = (): MinuteCounts => ({ created: 0, completed: 0, failed: 0, cancelled: 0 });

/** How many minutes the statistics look back. */
export const minutesShown = 60;

/** What one change of a task means for the minute in which it is counted. */
export function countInMinute(
  { counts, waits }: { counts: MinuteCounts; waits: Map<number, number> },
  before: TaskRecord | undefined,
  after: TaskRecord | undefined,
): void {
  if (!after) return;
  if (!before) counts.created += 1;
  if (isEnded(after) && before?.status !== after.status) counts[after.status] += 1;
  const waitMs = waitOf(before, after);
  if (waitMs === undefined) return;
  const bucket = bucketOf(waitMs);
  waits.set(bucket, (waits.get(bucket) ?? 0) + 1);
}

/** The minutes up to the last one, oldest first; nothing happened in those that are not given. */
export function lastMinutes(last: number, given: readonly Minute[]): Minute[] {
  const byNumber = new Map(given.map((minute) => [minute.number, minute]));
  return Array.from({ length: minutesShown }, (_, n) => {
    const number = last - minutesShown + 1 + n;
    return byNumber.get(number) ?? { number, counts: noMinuteCounts(), waits: new Map<number, number>() };
  });
}

/** How long all tasks that were assigned in these minutes had been ready. */
export const waitsIn = (minutes: readonly Minute[]): Histogram => mergedHistograms(minutes.map(({ waits }) => waits));
