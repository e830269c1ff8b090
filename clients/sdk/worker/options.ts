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
   * Gives each process an id of its own, such as `writer@host-1a2b`, which is deregistered when it stops: for agents with
   * several replicas. A key of agent `writer` may run them all. Default: false.
   */
  perProcess?: boolean;
  /** Does not wait for a process that has the id, but replaces it: that one stops, and its tasks come here. Default: false. */
  takeover?: boolean;
  /** What it can do: it gets tasks that require no more. */
  capabilities: string[];
  /** How many tasks it works on at the same time. Default: 5. */
  maxConcurrentTasks?: number;
  /** Stored with the agent. Default: none. */
  metadata?: NonNullable<InputOf<'register_agent'>['metadata']>;
  /** Stops the agent, as `stop()` does. */
  signal?: AbortSignal;
  /** Signals of the process that stop the agent; a second one ends the grace period. Default: SIGINT and SIGTERM. */
  stopSignals?: readonly StopSignal[];
  /** Grace period for handlers after a stop before their tasks are released, in milliseconds. Default: 20,000. */
  graceMs?: number;
  /** Time between heartbeats, in milliseconds. Default: a third of the shortest lease, at most 20,000. */
  heartbeatMs?: number;
  /** Longest time between claims while idle, in milliseconds. Default: as Muster suggests. */
  maxPollMs?: number;
  /**
   * Called with errors: what a handler throws or leaves rejected and refused reports, with the task; refusals of the agent
   * itself, without one.
   */
  onError?: (error: unknown, task?: ClaimedTask) => void;
  /** Default: no logging. */
  logger?: Logger;
}

/** How to run an agent: what it can do, by task type or for every type, and which Muster it works for. */
export type AgentOptions = AgentSettings &
  ({ handlers: Handlers; handler?: never } | { handler: Handler; handlers?: never }) &
  ({ client: MusterClient } | ClientOptions);
