import type { WakeUp } from '../ports.ts';

/**
 * The wake-up in a message.
 * @throws Error if it contains none: such a message can never be processed
 */
export function wakeUpIn(body: string): WakeUp {
  const wakeUp = JSON.parse(body) as Record<string, unknown>;
  if (typeof wakeUp['task_id'] === 'string') return { task_id: wakeUp['task_id'] };
  if (typeof wakeUp['agent_id'] === 'string') return { agent_id: wakeUp['agent_id'] };
  throw new Error(`The message has neither task_id nor agent_id: ${body.slice(0, 200)}`);
}
