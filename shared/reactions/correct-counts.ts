import { recounted } from '../domain/statistics.ts';
import type { Ports } from '../ports.ts';
import { recountOpenTasks } from '../steps/recount-open-tasks.ts';

/** Counts that are wrong are recounted at most this often: what made them so may last. */
const recountEveryMs = 10 * 60_000;

/**
 * Goes on with a recount that somebody has begun, and begins one where the counts cannot be true.
 * @param forgotten how many routing=auto tasks the sweep has found that have been ready for a while
 */
export async function correctCounts(ports: Ports, hasTime: () => boolean, forgotten: number): Promise<void> {
  const [counts, { underWay, endedSince }] = await Promise.all([ports.statistics.queue(), ports.recounts.latest()]);
  const areImpossible = recounted.some((name) => counts[name] < 0) || (forgotten > 0 && counts.pendingAuto === 0);
  const isDue = ports.clock.now() - endedSince >= recountEveryMs;
  if (underWay || (areImpossible && isDue)) await recountOpenTasks(ports, hasTime);
}
