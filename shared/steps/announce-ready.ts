import { isReadyForRouter } from '../domain/index-entries.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';

/**
 * Wakes the router at once for those of these tasks that are ready. If this fails, the stream consumer does it a moment later for each that has
 * not been assigned by then.
 */
export async function announceReady({ wakeUps }: Pick<Ports, 'wakeUps'>, tasks: readonly TaskRecord[]): Promise<void> {
  const ready = tasks.filter(isReadyForRouter);
  if (ready.length === 0) return;
  await wakeUps.send(ready.map(({ id }) => ({ wakeUp: { task_id: id } }))).catch(() => undefined);
}
