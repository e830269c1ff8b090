import type { Role } from '../contract/nouns.ts';
import type { Scope } from '../contract/operation.ts';
import { Refusal } from '../contract/problem.ts';

/** Who is calling, as the authorizer found it. */
export interface Caller {
  keyId: string;
  role: Role;
  scopes: readonly Scope[];
  /** The agent that the key belongs to; only for role agent. */
  agentId?: string;
}

/**
 * The agent in whose name the caller acts: the one named, or the one its key belongs to.
 * Undefined only for callers without an agent that named none.
 * @throws Refusal other_agent
 */
export function actingAgent(caller: Caller, named: string | undefined): string | undefined {
  if (caller.agentId === undefined || named === undefined || named === caller.agentId) return named ?? caller.agentId;
  throw new Refusal('other_agent', `The key belongs to agent ${caller.agentId}, not to ${named}.`);
}
