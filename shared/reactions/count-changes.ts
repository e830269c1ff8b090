import { inBatches } from '../batches.ts';
import type { CountedBatch, Counting, Ports } from '../ports.ts';
import { marksAtOnce } from '../steps/recount-open-tasks.ts';

type CountPorts = Pick<Ports, 'tasks'> & { counting: Counting };

/**
 * Keeps the statistics: adds a batch of changes exactly once. During a recount it also marks tasks that move, since
 * readers of the indexes may miss those. Idempotent.
 */
export async function countChanges({ tasks, counting }: CountPorts, batch: CountedBatch): Promise<void> {
  await counting.add(batch);
  const { ids, recount } = counting.uncounted(batch.changes);
  await inBatches(ids, marksAtOnce, (id) => tasks.markCounted(id, recount));
}
