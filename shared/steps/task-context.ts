import { batchesOf } from '../batches.ts';
import { isOneOf, type ClaimedTask } from '../contract/task.ts';
import { limits } from '../contract/limits.ts';
import { isEnded, type EndedTask, type HeldTask, type TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { presentTasks } from '../wire/present-task.ts';

type Results = ClaimedTask['dependency_results'];

/** How many reports are read at a time; each may have 256 KB. */
const readAtOnce = 25;

/**
 * Tasks with everything an agent needs to begin: content and dependency results.
 * @param known an ended task with its report, which is not read again
 */
export async function withContext(ports: Ports, held: readonly HeldTask[], known?: EndedTask): Promise<ClaimedTask[]> {
  const presented = (await presentTasks(ports, held)).filter((task) => isOneOf(task, ['assigned', 'running']));
  const holds = new Map(held.map(({ id, offer }) => [id, offer]));
  const ids = [...new Set(presented.flatMap((task) => task.dependencies))];
  const read = await endedTasks(
    ports,
    ids.filter((id) => id !== known?.id),
  );
  const parents = new Map((known ? [known, ...read] : read).map((parent) => [parent.id, parent]));
  const claimed: ClaimedTask[] = [];
  for (const task of presented) {
    const ended = task.dependencies.map((id) => parents.get(id)).filter((parent) => parent !== undefined);
    claimed.push({ ...task, hold: holds.get(task.task_id) ?? '', ...(await resultsOf(ports, ended)) });
  }
  return claimed;
}

/** The results of tasks up to the size limit; the rest are only named. */
async function resultsOf({ tasks }: Ports, parents: readonly TaskRecord[]) {
  const results: Results = {};
  const omitted: string[] = [];
  let bytes = 0;
  for (const some of batchesOf(parents, readAtOnce)) {
    if (bytes >= limits.dependencyResultsBytes) {
      omitted.push(...some.map(({ id }) => id));
      continue;
    }
    const reports = await tasks.reports(some);
    for (const { id, status } of some) {
      const { result, error } = reports.get(id) ?? {};
      const entry = { status, ...(result !== undefined && { result }), ...(error !== undefined && { error }) };
      const size = Buffer.byteLength(JSON.stringify(entry));
      if (bytes + size > limits.dependencyResultsBytes) {
        omitted.push(id);
      } else {
        bytes += size;
        results[id] = entry;
      }
    }
  }
  return { dependency_results: results, ...(omitted.length > 0 && { omitted }) };
}

/** Dependencies that an eventually consistent read does not show as ended are read again. */
async function endedTasks({ tasks }: Ports, ids: readonly string[]): Promise<TaskRecord[]> {
  const read = await tasks.getMany(ids);
  const ended = read.filter(isEnded);
  const late = ids.filter((id) => !ended.some((task) => task.id === id));
  return late.length === 0 ? ended : [...ended, ...(await tasks.getMany(late, { consistent: true }))];
}
