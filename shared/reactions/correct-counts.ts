import { recounted } from '../domain/statistics.ts';
import type { Ports } from '../ports.ts';
import { recountOpenTasks } from '../steps/recount-open-tasks.ts';

/** Wrong counts are recounted at most this often, since their cause may persist. */
const recountEveryMs = 10 * 60_000;

/**
 * Continues a requested recount, and begins one if the counts cannot be right.
 * @param forgotten routing=auto tasks found by the sweep that have been ready for a while
 */
export async function correctCounts(ports: Ports, hasTime: () => boolean, forgotten: number): Promise<void> {
  const [counts, { underWay, endedSince }] = await Promise.all([ports.statistics.queue(), ports.recounts.latest()]);
  const areImpossible = recounted.some((name) => counts[name] < 0) || (forgotten > 0 && counts.pendingAuto === 0);
  const isDue = ports.clock.now() - endedSince >= recountEveryMs;
  if (underWay || (areImpossible && isDue)) await recountOpenTasks(ports, hasTime);
}
