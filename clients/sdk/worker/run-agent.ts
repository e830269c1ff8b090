import { Agent } from './agent.ts';
import { startContaining } from './contain.ts';
import type { AgentOptions } from './options.ts';

/** A running agent. */
export interface RunningAgent {
  /**
   * Resolves when the agent has stopped. Rejects with a MusterError if Muster refuses the agent, for example its key.
   */
  readonly done: Promise<void>;
  /**
   * Lets handlers finish within the grace period, releases the remaining tasks, and resolves or rejects as `done` does.
   */
  stop(): Promise<void>;
}

/**
 * Runs an agent until it is stopped: registers it, claims tasks while it has room, runs a handler for each, extends
 * their leases and reports the outcomes. Errors of handlers and of the network do not end it.
 */
export function runAgent(options: AgentOptions): RunningAgent {
  const agent = new Agent(options);
  const { signal, stopSignals = ['SIGINT', 'SIGTERM'] } = options;
  const stop = () => agent.stop();
  const onSignal = () => (agent.isStopping ? agent.endGrace() : agent.stop());
  const stopContaining = startContaining();
  for (const name of stopSignals) process.on(name, onSignal);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();

  const done = agent.live().finally(() => {
    stopContaining();
    for (const name of stopSignals) process.off(name, onSignal);
    signal?.removeEventListener('abort', stop);
  });
  return {
    done,
    stop() {
      agent.stop();
      return done;
    },
  };
}
