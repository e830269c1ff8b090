import type { TaskRecord } from '../domain/task.ts';

/**
 * The limit of the combined payload size of a response in KB, as counted when tasks are created. A function can return
 * at most 6 MB; this leaves room for dependency results.
 */
export const claimKb = 3 * 1024;

type Sized = Pick<TaskRecord, 'payloadKb'>;

/** The combined size of all payloads that are not inline, in KB. */
export const payloadKbOf = (tasks: readonly Sized[]) => tasks.reduce((sum, task) => sum + (task.payloadKb ?? 1), 0);

/** The first tasks that fit the limit, at least one. */
export function withinKb<T extends Sized>(tasks: readonly T[], maxKb: number): T[] {
  const fitting: T[] = [];
  for (const task of tasks) {
    if (fitting.length > 0 && payloadKbOf([...fitting, task]) > maxKb) break;
    fitting.push(task);
  }
  return fitting;
}
