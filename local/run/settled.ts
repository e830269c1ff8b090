import { setTimeout as delay } from 'node:timers/promises';
import type { Activity } from './activity.ts';
import type { Source } from '../sources/source.ts';

const limitMs = 30_000;
const checkIntervalMs = 5;

/**
 * Waits until nothing more can happen before time passes: streams are drained, queues have no visible messages, events
 * are delivered and no function is running. Delayed messages, and failed ones waiting for a retry, do not count.
 * @throws after 30 s, with what is still in progress
 */
export async function settled(activity: Activity, sources: Source[]): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    // Counting messages costs more than waiting for known activity.
    await activity.ended(Math.max(0, Math.ceil(deadline - performance.now())));
    const { begun } = activity;
    const backlogs = await Promise.all(sources.map((source) => source.backlog()));
    const busy = [...activity.describe(), ...backlogs.filter((backlog) => backlog !== undefined)];
    if (busy.length === 0 && activity.begun === begun) {
      // Batching windows are ended early rather than waited for.
      if (sources.filter((source) => source.flush?.()).length === 0) return;
    }
    if (performance.now() > deadline) throw new Error(`Muster was still busy after 30 s: ${busy.join('; ')}`);
    await delay(checkIntervalMs);
  }
}
