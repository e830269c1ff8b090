import type * as z from 'zod';
import type { Role } from '../contract/nouns.ts';
import type { Operation, Scope } from '../contract/operation.ts';
import { Refusal } from '../contract/problem.ts';
import type { Ports } from '../ports.ts';

/** Who is calling, as the authorizer found it. */
export interface Caller {
  keyId: string;
  role: Role;
  scopes: readonly Scope[];
  /** The agent that the key belongs to; only for role agent. */
  agentId?: string;
}

type Run<I extends z.ZodType, O extends z.ZodType> = (
  ports: Ports,
  input: z.output<I>,
  caller: Caller,
) => Promise<z.output<O>>;

/** An operation of the contract with what it does. */
export interface Implementation<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  contract: Operation<I, O>;
  run: Run<I, O>;
}

/** Binds what an operation does to its row in the contract. */
export function implement<I extends z.ZodType, O extends z.ZodType>(
  contract: Operation<I, O>,
  run: Run<I, O>,
): Implementation<I, O> {
  return { contract, run };
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
