import type { Role } from '../contract/nouns.ts';
import type { Scope } from '../contract/operation.ts';
import { pointerTo, Refusal } from '../contract/problem.ts';
import { listOf } from './wording.ts';

/** The caller, as the authorizer identified it. */
export interface Caller {
  keyId: string;
  role: Role;
  scopes: readonly Scope[];
  /** The name that the key was created with. */
  name?: string;
  /** The agent that the key belongs to; only for role agent. */
  agentId?: string;
  /** The only capabilities that the key may register or learn; undefined: any. */
  capabilities?: readonly string[];
  /** The highest `max_concurrent_tasks` that the key may register. */
  maximum?: number;
}

/**
 * Whether an agent's key may act for an agent: its own, or one of several processes with ids of their own
 * (`writer@host-1a2b`).
 */
export const isOwnAgent = (own: string, named: string) => named === own || named.startsWith(`${own}@`);

/**
 * The agent that the caller acts as: the one it named, or the one its key belongs to. Undefined only if the key has no
 * agent and none was named.
 * @throws Refusal other_agent
 */
export function actingAgent(caller: Caller, named: string | undefined): string | undefined {
  const { agentId: own } = caller;
  if (own === undefined || named === undefined || isOwnAgent(own, named)) return named ?? own;
  throw new Refusal('other_agent', `The key belongs to agent ${caller.agentId}, not to ${named}.`);
}

/**
 * Refuses capabilities that the caller's key does not grant.
 * @throws Refusal capability_not_granted, with a pointer to each
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

/** The maximum number of tasks at once for an agent that the caller registers. */
export const cappedMaximum = ({ maximum = Infinity }: Caller, wanted: number) => Math.min(maximum, wanted);
