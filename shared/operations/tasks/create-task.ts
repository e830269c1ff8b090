import * as contract from '../../contract/tasks.ts';
import type { Status } from '../../contract/nouns.ts';
import { Refusal } from '../../contract/problem.ts';
import { dependencyChange } from '../../domain/dependencies.ts';
import type { Payload, TaskRecord } from '../../domain/task.ts';
import type { Ports } from '../../ports.ts';
import { announceReady } from '../../steps/announce-ready.ts';
import { dependencyStatuses, requireDependencies } from '../../steps/dependency-statuses.ts';
import { confirmFailures } from '../../steps/check-dependencies.ts';
import { implement } from '../implement.ts';
import { asReplay } from '../replays.ts';
import type { Caller } from '../../domain/caller.ts';
import { requireRoom } from '../../steps/require-room.ts';
import { registerLanes } from '../../steps/register-lanes.ts';
import { withNames } from '../../steps/named-dependencies.ts';
import { draftTask, idFrom, requireDueInTime } from '../../steps/new-task.ts';
import { presentTask } from '../../wire/present-task.ts';

export const createTask = implement(contract.createTask, async (ports, input, caller) => {
  await requireRoom(ports, () => wasCreated(ports, input, caller));
  const { task, payload, isReplay } = await create(ports, input, caller);
  await announceReady(ports, [task]);
  const presented = await presentTask(ports, task, payload);
  return isReplay ? asReplay(presented) : presented;
});

/** Whether a request with this idempotency key has already created its task. */
export async function wasCreated(
  { tasks }: Pick<Ports, 'tasks'>,
  { idempotency_key: key }: contract.TaskInput,
  caller: Caller,
): Promise<boolean> {
  return key !== undefined && (await tasks.get(idFrom(caller, key))) !== undefined;
}

/** A created task with its original payload, so that it can be shown without a read. */
export interface CreatedTask {
  task: TaskRecord;
  payload: Payload;
  /** An earlier request has created it. */
  isReplay: boolean;
}

/**
 * A request that would write more units than this without knowing its dependencies reads them first, at the cost of one
 * more round trip.
 */
const maxUnitsUnchecked = 10;

/**
 * Creates one task. It writes what the task must be found by (lane, edges, payload), then reads its dependencies
 * consistently, then writes the task: a dependency that completes after that read finds the edge.
 */
export async function create(ports: Ports, given: contract.TaskInput, caller: Caller): Promise<CreatedTask> {
  const { tasks, clock, random, settings } = ports;
  const now = clock.now();
  requireDueInTime(given, now);
  const input = withNames(given);
  const key = input.idempotency_key;
  const id = key === undefined ? random.taskId() : idFrom(caller, key);
  const { record, payload, lane, edges } = draftTask(input, id, now);
  const { dependencies } = payload;
  const locator = { pointerTo: (parent: string) => `/dependencies/${input.dependencies.indexOf(parent)}` };
  const earlier = async () => (key === undefined ? undefined : tasks.get(id));
  // A repeated request succeeds even if the dependencies were deleted after its first attempt.
  const unlessRepeated = async (refusal: unknown) => {
    const existing = await earlier();
    if (existing?.bodyHash === record.bodyHash) return existing;
    throw refusal;
  };
  const created = async (task: TaskRecord, isReplay: boolean) => {
    if (task.bodyHash !== record.bodyHash) {
      throw new Refusal('idempotency_mismatch', `The idempotency key was used for task ${id} with a different body.`);
    }
    // For a repeated request, the payload of the first attempt counts; it may belong to another trace.
    return { task: await confirmFailures(ports, task, payload), payload: task.payload ?? payload, isReplay };
  };

  let known: Map<string, Status> | undefined;
  if (edges.length + (record.payloadKb ?? 0) > maxUnitsUnchecked) {
    const checked = requireDependencies(ports, dependencies, locator).catch(unlessRepeated);
    const [existing, seen] = await Promise.all([earlier(), checked]);
    if (existing) return created(existing, true);
    if (!(seen instanceof Map)) return created(seen, true);
    known = seen;
  }
  await registerLanes(ports, [lane]);
  await Promise.all([
    edges.length > 0 && tasks.putEdges(edges, now),
    !record.payload && tasks.putPayload(id, record.bodyHash, payload, now),
  ]);
  const states = await dependencyStatuses(ports, dependencies, locator, known).catch(unlessRepeated);
  if (!(states instanceof Map)) return created(states, true);
  const ordinals = dependencies.map((parent) => states.get(parent));
  const { task } = await tasks.create({ record, first: dependencyChange(record, ordinals, now, settings) });
  if (!task) throw new Error(`Task ${id} was neither created nor found.`);
  // Of the same time: this request's own write, even if its response was lost.
  return created(task, task.createdAt !== now);
}
