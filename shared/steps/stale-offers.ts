import { callsAtOnce, inBatches } from '../batches.ts';
import { outcomeOf, type AgentRecord } from '../domain/agent.ts';
import { isAbandoned, isTakeable } from '../domain/offer.ts';
import { isHeld, type HeldTask, type TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { removeEntry } from './free-slot.ts';

/** The tasks an agent holds, as far as they were read, and its record without stale offers. */
export interface HeldWork {
  held: HeldTask[];
  agent: AgentRecord;
  /** Its inbox has a fresh offer of a task that it does not hold yet. */
  isBeingOffered: boolean;
}

/**
 * Reads the tasks that an agent holds, and removes inbox entries whose hold has ended or whose offer was abandoned by a
 * process that died; they would occupy its slots forever.
 * @param known tokens by task id: tasks in the inbox with these tokens are left alone and not read
 * @param read how to read the tasks, consistently
 */
export async function clearStaleOffers(
  ports: Ports,
  agent: AgentRecord,
  known: ReadonlyMap<string, string> = new Map(),
  read = (ids: readonly string[]) => ports.tasks.getMany(ids, { consistent: true }),
): Promise<HeldWork> {
  const ids = Object.keys(agent.inbox).filter((id) => known.get(id) !== agent.inbox[id]);
  if (ids.length === 0) return { held: [], agent, isBeingOffered: false };
  const tasks = new Map((await read(ids)).map((task) => [task.id, task]));
  const held = [...tasks.values()].filter(isHeld).filter((task) => task.offer === agent.inbox[task.id]);
  const heldIds = new Set(held.map(({ id }) => id));
  const others = ids.filter((id) => !heldIds.has(id));
  const now = ports.clock.now();
  const removed = await inBatches(others, callsAtOnce, (id) => removeIfStale(ports, agent, id, tasks.get(id)));
  const inbox = Object.fromEntries(Object.entries(agent.inbox).filter(([id]) => !removed.includes(id)));
  return { held, agent: { ...agent, inbox }, isBeingOffered: others.some((id) => isTakeable(inbox[id] ?? '', now)) };
}

/** @returns the id if its entry was removed */
async function removeIfStale(
  ports: Ports,
  agent: AgentRecord,
  id: string,
  task: TaskRecord | undefined,
): Promise<string | undefined> {
  const token = agent.inbox[id] ?? '';
  const hasEnded = task !== undefined && outcomeOf(task, token) !== undefined;
  if (!hasEnded && !isAbandoned(token, ports.clock.now())) return undefined;
  await removeEntry(ports, agent.id, { taskId: id, token, task });
  return id;
}
