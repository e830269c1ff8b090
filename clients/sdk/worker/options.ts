import type { ClaimedTask } from '../types.ts';
import type { MusterClient } from '../client.ts';
import type { InputOf } from '../operation-methods.ts';
import type { ClientOptions } from '../transport.ts';
import type { Handler, Handlers } from './handler.ts';
import type { Logger } from '../logger.ts';

/** Signals that ask a process to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGQUIT' | 'SIGBREAK' | 'SIGUSR1' | 'SIGUSR2';

/** The options of an agent, besides its handlers and its client. */
export interface AgentSettings {
  /** Id of the agent. Only one process at a time may run it: a second one waits until the first has stopped. */
  id: string;
  /**
   * Gives each process an agent id of its own, such as `writer@host-1a2b`, which is deregistered when the process
   * stops; for agents with several replicas. A key of agent `writer` can run all of them. Default: false.
   */
  perProcess?: boolean;
  /**
   * Replaces a process that has the id, instead of waiting for it: that process stops, and its tasks come here.
   * Default: false.
   */
  takeover?: boolean;
  /** What the agent can do: it gets only tasks whose requirements are among these. */
  capabilities: string[];
  /** How many tasks it works on concurrently. Default: 5. */
  maxConcurrentTasks?: number;
  /** Stored with the agent. Default: none. */
  metadata?: NonNullable<InputOf<'register_agent'>['metadata']>;
  /** Stops the agent, as `stop()` does. */
  signal?: AbortSignal;
  /** Process signals that stop the agent; a second one ends the grace period. Default: SIGINT and SIGTERM. */
  stopSignals?: readonly StopSignal[];
  /** How long handlers may continue after a stop before their tasks are released, in milliseconds. Default: 20,000. */
  graceMs?: number;
  /** Interval between heartbeats, in milliseconds. Default: a third of the shortest lease, at most 20,000. */
  heartbeatMs?: number;
  /** Maximum time between claims while idle, in milliseconds. Default: as Muster suggests. */
  maxPollMs?: number;
  /**
   * Called with errors: with the task for errors thrown or left unhandled by a handler and for refused reports; without
   * a task for refusals of the agent itself.
   */
  onError?: (error: unknown, task?: ClaimedTask) => void;
  /** Default: no logging. */
  logger?: Logger;
}

/** How to run an agent: what it can do, by task type or for every type, and which Muster it works for. */
export type AgentOptions = AgentSettings &
  ({ handlers: Handlers; handler?: never } | { handler: Handler; handlers?: never }) &
  ({ client: MusterClient } | ClientOptions);
