import type { Agent } from '#shared/contract/nouns.ts';
import type { AgentRecord } from '#shared/domain/agent.ts';
import { morning } from './tasks.ts';

/** The ids of the tasks that an agent holds, from a response. */
export const heldBy = ({ holding }: Agent) => holding.map(({ task_id }) => task_id);

/** An inbox with this many tasks. */
export const holding = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`task-${n}`, 'token']));

/** An active agent without evidence, last seen in the morning. */
export const anAgent = (fields: Partial<AgentRecord> = {}): AgentRecord => ({
  id: 'ada',
  state: 'active',
  maximum: 5,
  seenAt: morning,
  registeredAt: morning,
  inbox: {},
  completed: 0,
  failed: 0,
  durationMs: 0,
  successes: {},
  failures: {},
  profileVersion: 1,
  ...fields,
});
