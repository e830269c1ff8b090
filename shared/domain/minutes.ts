import { bucketOf, mergedHistograms, type Histogram } from './histogram.ts';
import { isEnded, type TaskRecord } from './task.ts';
import { waitOf } from './statistics.ts';

/** Number of tasks created and ended. */
export interface MinuteCounts {
  created: number;
  completed: number;
  failed: number;
  cancelled: number;
}

/** The counts of one minute: the minute in which changes were counted, a few seconds after they happened. */
export interface Minute {
  /** Minutes since 1970. */
  number: number;
  counts: MinuteCounts;
  /** How long assigned tasks had been ready. */
  waits: Histogram;
}

const minuteMs = 60_000;

export const minuteAt = (now: number) => Math.floor(now / minuteMs);
export const startOfMinute = (minute: number) => minute * minuteMs;

export const noMinuteCounts = (): MinuteCounts => ({ created: 0, completed: 0, failed: 0, cancelled: 0 });

/** How many minutes back the statistics go. */
export const minutesShown = 60;

/** What a task change adds to its minute. */
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

/** The minutes up to the last one, oldest first; minutes that are not given are filled with zeros. */
export function lastMinutes(last: number, given: readonly Minute[]): Minute[] {
  const byNumber = new Map(given.map((minute) => [minute.number, minute]));
  return Array.from({ length: minutesShown }, (_, n) => {
    const number = last - minutesShown + 1 + n;
    return byNumber.get(number) ?? { number, counts: noMinuteCounts(), waits: new Map<number, number>() };
  });
}

/** How long the tasks assigned in these minutes had been ready. */
export const waitsIn = (minutes: readonly Minute[]): Histogram => mergedHistograms(minutes.map(({ waits }) => waits));
