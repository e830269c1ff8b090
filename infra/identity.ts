/** The caller, as returned by your own authorizer. An incomplete identity is refused like an invalid key. */
export type MusterIdentity = PersonIdentity | AgentIdentity;

export interface PersonIdentity {
  /** Identifies the caller in logs. */
  readonly keyId: string;
  /** `admin` can do everything, `producer` can create and manage tasks, `viewer` can read. */
  readonly role: 'admin' | 'producer' | 'viewer';
}

export interface AgentIdentity {
  /** Identifies the caller in logs. */
  readonly keyId: string;
  /** Can register an agent and work on tasks. */
  readonly role: 'agent';
  /** The only agent that the caller can act for, or several processes of it: `writer`, `writer@host-1`. */
  readonly agentId: string;
  /**
   * The only capabilities that the caller can register or learn.
   * @default - any
   */
  readonly capabilities?: readonly string[];
  /**
   * The highest `max_concurrent_tasks` that the caller can register.
   * @default - no limit
   */
  readonly maximum?: number;
}
