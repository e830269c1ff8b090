import type { PlannedAgent, PlannedTask } from './workload.ts';

/** Does a task's work as an agent. */
export type Work = (agent: PlannedAgent, id: string) => Promise<void>;

/** A queue that runs the workload, with the agents in this process. */
export interface Peer {
  name: string;
  start(agents: readonly PlannedAgent[], work: Work): Promise<RunningPeer>;
}

export interface RunningPeer {
  /** Processes whose CPU time counts, including their children, in addition to this one. */
  processes: readonly number[];
  /** Submits tasks that depend only on each other. */
  submit(tasks: readonly PlannedTask[]): Promise<void>;
  /** Stops the agents and everything that was started for them. */
  stop(): Promise<void>;
}
