import { callsAtOnce, inBatches } from '../../batches.ts';
import * as contract from '../../contract/tasks.ts';
import { Refusal } from '../../contract/problem.ts';
import type { Ports } from '../../ports.ts';
import { create, wasCreated, type CreatedTask } from './create-task.ts';
import { announceReady } from '../../steps/announce-ready.ts';
import { requireRoom } from '../../steps/require-room.ts';
import { inTrace } from '../../steps/new-task.ts';
import { implement } from '../implement.ts';
import { presentTasks } from '../../wire/present-task.ts';

export const createTasks = implement(contract.createTasks, async (ports, input, caller) => {
  const inputs = inTrace(input.tasks, input.traceparent);
  await requireRoom(ports, async () => {
    const repeats = await inBatches(inputs, callsAtOnce, (task) => wasCreated(ports, task, caller));
    return repeats.every(Boolean);
  });
  const created = await inBatches(inputs, callsAtOnce, (task): Promise<CreatedTask | Refusal> =>
    create(ports, task, caller).catch((error: unknown) => refusalOf(ports, error)),
  );
  const [first] = created;
  if (first instanceof Refusal && created.every((one) => one instanceof Refusal && one.code === 'unavailable'))
    throw first;
  const accepted = created.filter((one): one is CreatedTask => !(one instanceof Refusal));
  await announceReady(
    ports,
    accepted.map(({ task }) => task),
  );
  const payloads = new Map(accepted.map(({ task, payload }) => [task.id, payload]));
  const tasks = await presentTasks(
    ports,
    accepted.map(({ task }) => task),
    payloads,
  );
  const presented = new Map(tasks.map((task) => [task.task_id, task]));
  const results = created.map((one) => {
    if (one instanceof Refusal) return { error: one.problem() };
    const task = presented.get(one.task.id);
    if (!task) throw new Error(`presentTasks left out task ${one.task.id}.`);
    return { task };
  });
  return { results };
});

/** If AWS lacks capacity, only the affected task is refused; the others may exist. */
function refusalOf({ isUnavailable }: Ports, error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (isUnavailable(error)) return new Refusal('unavailable', 'An AWS service did not respond in time.');
  throw error;
}
