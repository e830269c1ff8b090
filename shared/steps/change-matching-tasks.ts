import { inBatches } from '../batches.ts';
import { Refusal, type Code } from '../contract/problem.ts';
import type { TaskFilter } from '../contract/tasks.ts';
import type { Status } from '../contract/nouns.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { listTasks } from './list-tasks.ts';

/** How many tasks are changed concurrently. */
const bulkChangesAtOnce = 25;

type BulkRequest = TaskFilter & { limit: number; cursor?: string | undefined; dry_run: boolean };

interface BulkChange {
  /** The operation, to which cursors belong. */
  operation: string;
  /** The statuses to select if the filter names none. */
  statuses: Status[];
  /** Whether a task with one of these statuses needs no change. */
  isDone?: (task: TaskRecord) => boolean;
  /** Why a matching task cannot be changed, if that is known without trying. */
  refusalOf: (task: TaskRecord) => Code | undefined;
  /**
   * @param statuses those that the request selects: a task that has another one by now does not match anymore
   * @returns whether it still matched
   */
  change: (id: string, statuses: readonly Status[]) => Promise<boolean>;
}

interface BulkResult {
  changed: number;
  refused: { task_id: string; code: Code }[];
  next_cursor?: string;
}

/** Changes one page of the tasks that match a filter, each individually; a dry run only reports what it would do. */
export async function changeMatching(
  ports: Ports,
  { dry_run: isDryRun, ...request }: BulkRequest,
  { operation, statuses, isDone = () => false, refusalOf, change }: BulkChange,
): Promise<BulkResult> {
  const { status = statuses } = request;
  const { found, ...next } = await listTasks(ports, operation, { ...request, status });
  const open = found.filter((task) => !isDone(task));
  let unmatched = 0;
  const codes = await inBatches(open, bulkChangesAtOnce, async (task) => {
    if (isDryRun) return refusalOf(task);
    try {
      if (!(await change(task.id, status))) unmatched += 1;
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
  return { changed: open.length - refused.length - unmatched, refused, ...next };
}
