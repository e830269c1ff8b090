import type { Role } from '../contract/nouns.ts';
import type { Scope } from '../contract/operation.ts';
import { pointerTo, Refusal } from '../contract/problem.ts';
import { listOf } from './wording.ts';

/** Who is calling, as the authorizer found it. */
export interface Caller {
  keyId: string;
  role: Role;
  scopes: readonly Scope[];
  /** The agent that the key belongs to; only for role agent. */
  agentId?: string;
  /** The only capabilities that the key may register or learn; any, where it is undefined. */
  capabilities?: readonly string[];
  /** What the key registers may hold so many tasks at once at most. */
  maximum?: number;
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

/**
 * Refuses capabilities that the caller's key does not grant.
 * @throws Refusal capability_not_granted, with the place of each
 */
export function requireGranted(
  { agentId, capabilities: granted }: Caller,
  wanted: readonly { capability: string; path: readonly PropertyKey[] }[],
): void {
  if (!granted) return;
  const beyond = wanted.filter(({ capability }) => !granted.includes(capability));
  const [first] = beyond;
  if (!first) return;
  throw new Refusal(
    'capability_not_granted',
    `The key of agent ${agentId} does not grant ${first.capability}; it grants ${listOf(granted) || 'no capability'}.`,
    {
      errors: beyond.map(({ capability, path }) => ({
        pointer: pointerTo(path),
        message: `${capability} is not granted`,
      })),
    },
  );
}

/** How many tasks at once an agent may hold that the caller registers. */
export const cappedMaximum = ({ maximum = Infinity }: Caller, wanted: number) => Math.min(maximum, wanted);
