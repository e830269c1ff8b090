import type { AgentRecord } from '#shared/domain/agent.ts';
import { morning } from './tasks.ts';

/** An inbox with so many tasks. */
export const holding = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`task-${n}`, 'token']));

/** An active agent without evidence that was seen in the morning. */
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
