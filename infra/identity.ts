/** Who is calling, as an authorizer of your own says it. What is incomplete is refused like a key that is not valid. */
export type MusterIdentity = PersonIdentity | AgentIdentity;

export interface PersonIdentity {
  /** Names the caller in logs. */
  readonly keyId: string;
  /** `admin` may do everything, `producer` create and manage tasks, `viewer` read. */
  readonly role: 'admin' | 'producer' | 'viewer';
}

export interface AgentIdentity {
  /** Names the caller in logs. */
  readonly keyId: string;
  /** May register an agent and work on tasks. */
  readonly role: 'agent';
  /** The only agent that it may act for, or several processes of it: `writer`, `writer@host-1`. */
  readonly agentId: string;
  /**
   * The only capabilities that it may register or learn.
   * @default - any
   */
  readonly capabilities?: readonly string[];
  /**
   * How many tasks at once an agent that it registers may hold, at most.
   * @default - as many as it registers with
   */
  readonly maximum?: number;
}
