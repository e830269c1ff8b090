import type { ClaimedTask } from '#shared/contract/nouns.ts';
import type { MusterClient } from '../client.ts';
import type { InputOf } from '../operation-methods.ts';
import type { ClientOptions } from '../transport.ts';
import type { Handler, Handlers } from './handler.ts';
import type { Logger } from './logger.ts';

interface AgentSettings {
  /** Name of the agent. One process runs it at a time: a second one would be given the work of the first. */
  id: string;
  capabilities: string[];
  /** How many tasks it works on at the same time. Default: 5. */
  maxConcurrentTasks?: number;
  metadata?: NonNullable<InputOf<'register_agent'>['metadata']>;
  /** Stops the agent, as `stop()` does. */
  signal?: AbortSignal;
  /** Signals of the process that stop the agent; the second one ends the grace. Default: SIGINT and SIGTERM. */
  stopSignals?: readonly NodeJS.Signals[];
  /** How long handlers may go on after a stop before their tasks are given back, in milliseconds. Default: 20,000. */
  graceMs?: number;
  /** Time between heartbeats, in milliseconds. Default: a third of the shortest lease, at most 20,000. */
  heartbeatMs?: number;
  /** Idle, ask for work at least this often, in milliseconds. Default: when Muster suggests. */
  maxPollMs?: number;
  /**
   * Told of what goes wrong: what a handler throws or leaves rejected, and reports that are refused, with their task;
   * without one, what Muster refuses the agent itself.
   */
  onError?: (error: unknown, task?: ClaimedTask) => void;
  /** Default: silence. */
  logger?: Logger;
}

/** How to run an agent: what it can do, by task type or for every type, and which Muster it works for. */
export type AgentOptions = AgentSettings &
  ({ handlers: Handlers; handler?: never } | { handler: Handler; handlers?: never }) &
  ({ client: MusterClient } | ClientOptions);
