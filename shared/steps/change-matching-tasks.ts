import { inBatches } from '../batches.ts';
import { Refusal, type Code } from '../contract/problem.ts';
import type { TaskFilter } from '../contract/tasks.ts';
import type { Status } from '../contract/nouns.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { listTasks } from './list-tasks.ts';

/** How many tasks are changed at the same time. */
const bulkChangesAtOnce = 25;

type BulkRequest = TaskFilter & { limit: number; cursor?: string | undefined; dry_run: boolean };

interface BulkChange {
  /** Those that are meant where the filter names no status. */
  statuses: Status[];
  /** Of tasks in this status nothing is left to change. */
  isDone?: (task: TaskRecord) => boolean;
  /** Why a task that matches could not be changed, where it can be seen without trying. */
  refusalOf: (task: TaskRecord) => Code | undefined;
  change: (id: string) => Promise<unknown>;
}

interface BulkResult {
  changed: number;
  refused: { task_id: string; code: Code }[];
  next_cursor?: string;
}

/** Changes one page of the tasks that match a filter, each by itself; for a dry run it only says what it would do. */
export async function changeMatching(
  ports: Ports,
  { dry_run: isDryRun, ...request }: BulkRequest,
  { statuses, isDone = () => false, refusalOf, change }: BulkChange,
): Promise<BulkResult> {
  const { found, ...next } = await listTasks(ports, { ...request, status: request.status ?? statuses });
  const open = found.filter((task) => !isDone(task));
  const codes = await inBatches(open, bulkChangesAtOnce, async (task) => {
    if (isDryRun) return refusalOf(task);
    try {
      await change(task.id);
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return error.code;
      throw error;
    }
  });
  const refused = open.flatMap(({ id }, n) => {
    const code = codes[n];
    return code === undefined ? [] : [{ task_id: id, code }];
  });
  return { changed: open.length - refused.length, refused, ...next };
}
