import { Refusal } from '../contract/problem.ts';
import type { AgentRecord, Instance } from './agent.ts';
import { silentAfterMs } from './polling.ts';
import type { Settings } from './settings.ts';
import { isRunning, type HeldTask } from './task.ts';

/** Who has an agent id; exists even before the agent's first registration completes. */
export interface Occupant {
  instance?: Instance;
  /** 0 before the first registration. */
  seenAt: number;
  /** It has stopped or is being deregistered, and has nothing left to finish. */
  hasLeft: boolean;
}

/** Whether the agent id is closed to other processes, unless they take it over. */
export const isInUse = ({ instance, seenAt, hasLeft }: Occupant, now: number, settings: Settings) =>
  instance !== undefined && !hasLeft && now <= lastSeen(instance, seenAt) + silentAfterMs(settings);

const lastSeen = (instance: Instance, seenAt: number) => Math.max(seenAt, instance.since);

/** What another process can do, with the seconds until the agent id becomes free if its process stays silent. */
export function waitHint(instance: Instance, { seenAt }: Occupant, now: number, settings: Settings): string {
  const seconds = Math.ceil((lastSeen(instance, seenAt) + silentAfterMs(settings) + 1 - now) / 1000);
  const silence = `${seconds} more ${seconds === 1 ? 'second' : 'seconds'}`;
  return `Wait until the other process stops or is silent for ${silence}, or register with takeover=true to replace it.`;
}

/** The refusal for another process that wants to act for an agent. */
export function agentInUse(
  agentId: string,
  instance: Instance,
  { seenAt }: Pick<Occupant, 'seenAt'>,
  hint: string,
): Refusal {
  const seen = new Date(lastSeen(instance, seenAt)).toISOString();
  return new Refusal('agent_in_use', `Agent ${agentId} is in use by ${inWords(instance)}, last seen ${seen}.`, {
    hint,
  });
}

/** Whether this process has the agent: it named the current instance, or neither names one. */
export const isCurrent = ({ instance }: AgentRecord, named: string | undefined) => instance?.id === named;

/**
 * Ensures that only the process that has the agent acts in its name.
 * @throws Refusal agent_replaced; agent_in_use for a process that names no instance
 */
export function requireCurrent(agent: AgentRecord, named: string | undefined): void {
  const { id, instance } = agent;
  if (isCurrent(agent, named)) return;
  if (named !== undefined) {
    const by = instance ? inWords(instance) : 'a process that names no instance';
    throw new Refusal('agent_replaced', `Agent ${id} is not run by instance ${named} but by ${by}.`);
  }
  if (instance)
    throw agentInUse(id, instance, agent, 'Register this process with an instance, and name it in each call.');
}

const inWords = ({ id, host, since }: Instance) =>
  `instance ${id}${host === undefined ? '' : ` on host ${host}`} since ${new Date(since).toISOString()}`;

/** Whether the attempt was delivered to this instance, or to no particular one. */
export const isDeliveredTo = (task: HeldTask, instance: string | undefined) =>
  task.instance === instance || (task.instance === undefined && !isRunning(task));

/**
 * Whether a claim skips a task because its agent is already working on it, according to `holding` or a heartbeat.
 * Without `holding`, a started task is not returned again.
 */
export function isKnown(task: HeldTask, holding: readonly { task_id: string; attempt: number }[] | undefined): boolean {
  if (holding === undefined) return isRunning(task);
  const isNamed = holding.some((one) => one.task_id === task.id && one.attempt === task.attempt);
  return isNamed || (isRunning(task) && task.isWorkedOn === true);
}
