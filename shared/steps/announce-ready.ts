import { isReadyForRouter } from '../domain/index-entries.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';

/** One call. More tasks at once can wait for the stream consumer, whose wake-ups would otherwise all be sent a second time. */
const mostAnnounced = 10;

/**
 * Wakes the router at once for those of these tasks that are ready. If this fails, the stream consumer does it a moment later for each that has
 * not been assigned by then.
 */
export async function announceReady({ wakeUps }: Pick<Ports, 'wakeUps'>, tasks: readonly TaskRecord[]): Promise<void> {
  const ready = tasks.filter(isReadyForRouter);
  if (ready.length === 0 || ready.length > mostAnnounced) return;
  await wakeUps.send(ready.map(({ id }) => ({ wakeUp: { task_id: id } }))).catch(() => undefined);
}
