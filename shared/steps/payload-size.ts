import type { TaskRecord } from '../domain/task.ts';

/**
 * The payloads of an answer may have this many kilobytes together, as they are counted when a task is created. A function
 * answers with at most 6 MB; this leaves room for the results of dependencies.
 */
export const claimKb = 3 * 1024;

type Sized = Pick<TaskRecord, 'payloadKb'>;

/** The kilobytes of all payloads that do not ride along with their tasks. */
export const payloadKbOf = (tasks: readonly Sized[]) => tasks.reduce((sum, task) => sum + (task.payloadKb ?? 1), 0);

/** As many of the first tasks as fit, at least one. */
export function withinKb<T extends Sized>(tasks: readonly T[], mostKb: number): T[] {
  const fitting: T[] = [];
  for (const task of tasks) {
    if (fitting.length > 0 && payloadKbOf([...fitting, task]) > mostKb) break;
    fitting.push(task);
  }
  return fitting;
}
