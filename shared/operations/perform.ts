import * as z from 'zod';
import { isDoneAsAgent, type Operation, type Scope } from '../contract/operation.ts';
import { Refusal } from '../contract/problem.ts';
import type { Ports } from '../ports.ts';
import { checkJson } from '../wire/check-json.ts';
import { parseInput } from '../wire/input-errors.ts';
import type { Implementation } from './implement.ts';
import type { Caller } from '../domain/caller.ts';

/**
 * Performs one operation for a caller. Every transport goes through here.
 * @param input path parameters, query and body combined, not yet validated
 * @throws Refusal missing_scope, invalid_input, or the operation's own refusals
 */
export async function perform<I extends z.ZodType, O extends z.ZodType>(
  { contract, run }: Implementation<I, O>,
  ports: Ports,
  input: unknown,
  caller: Caller,
): Promise<z.output<O>> {
  if (contract.scope !== 'public') requireScope(caller, contract.scope, contract.name);
  checkJson(input, contract.input);
  return run(ports, parseInput(contract.input, withOwnAgent(contract, input, caller)), caller);
}

function requireScope(caller: Caller, scope: Scope, name: string): void {
  if (caller.scopes.includes(scope)) return;
  throw new Refusal(
    'missing_scope',
    `${name} requires the scope ${scope}, which the role ${caller.role} does not have.`,
  );
}

/** For an agent's key, fills in the agent, whether or not the transport requires it. */
function withOwnAgent(contract: Operation, input: unknown, { agentId }: Caller): unknown {
  const takesAgent = contract.input instanceof z.ZodObject && 'agent_id' in contract.input.shape;
  if (agentId === undefined || !takesAgent || !isDoneAsAgent(contract)) return input;
  return typeof input === 'object' && input !== null && !('agent_id' in input)
    ? { ...input, agent_id: agentId }
    : input;
}
