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

/** Whether an agent's key may act for an agent: its own, or one of several processes with an id of its own each (`writer@host-1a2b`). */
export const isOwnAgent = (own: string, named: string) => named === own || named.startsWith(`${own}@`);

/**
 * The agent in whose name the caller acts: the one named, or the one its key belongs to.
 * Undefined only for callers without an agent that named none.
 * @throws Refusal other_agent
 */
export function actingAgent(caller: Caller, named: string | undefined): string | undefined {
  const { agentId: own } = caller;
  if (own === undefined || named === undefined || isOwnAgent(own, named)) return named ?? own;
  throw new Refusal('other_agent', `The key belongs to agent ${caller.agentId}, not to ${named}.`);
}
