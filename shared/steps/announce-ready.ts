import { isReadyForRouter } from '../domain/index-entries.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';

/** One call. Larger numbers are left to the stream consumer, which would otherwise send all of these wake-ups again. */
const maxAnnounced = 10;

/**
 * Wakes the router at once for those of the tasks that are ready. If this fails, the stream consumer does it a moment
 * later for each task not assigned by then.
 */
export async function announceReady({ wakeUps }: Pick<Ports, 'wakeUps'>, tasks: readonly TaskRecord[]): Promise<void> {
  const ready = tasks.filter(isReadyForRouter);
  if (ready.length === 0 || ready.length > maxAnnounced) return;
  await wakeUps.send(ready.map(({ id }) => ({ wakeUp: { task_id: id } }))).catch(() => undefined);
}
