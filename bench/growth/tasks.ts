import { inBatches } from '#shared/batches.ts';
import type { Laboratory } from '../laboratory.ts';

export interface Created {
  task_id: string;
}

export interface Given extends Created {
  attempt: number;
  hold: string;
}

const atOnce = 20;

/** Runs a function this many times, some of them concurrently. */
export const inTurns = (count: number, run: (n: number) => Promise<unknown>) =>
  inBatches([...Array(count).keys()], atOnce, run);

/**
 * Creates many identical tasks, in batches.
 * @returns their ids
 */
export async function createMany({ createTasks }: Laboratory, count: number, task: object): Promise<string[]> {
  const sizes = Array.from({ length: Math.ceil(count / 100) }, (_, n) => Math.min(100, count - n * 100));
  const ids = await inBatches(sizes, 4, (size) => createTasks(size, task));
  return ids.flat();
}
