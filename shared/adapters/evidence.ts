import { batchesOf } from '../batches.ts';
import type { AgentProfile } from '../domain/agent.ts';
import { agentKey } from './item-keys.ts';
import type { Table } from './table.ts';
import type { Item } from './task-item.ts';

const isRegistered = 'attribute_exists(registeredAt)';

/** How many capabilities one update removes: an expression is limited to 4 KB. */
const namesPerUpdate = 50;

/** The capabilities with outcomes in an agent's item. */
export const namesWithEvidence = (item: Item | undefined): string[] => [
  ...new Set(['successes', 'failures'].flatMap((counts) => Object.keys(item?.[counts] ?? {}))),
];

/**
 * Removes the outcomes for capabilities that the agent does not have, or no longer has, which would make its item grow.
 */
export async function forgetEvidence(
  table: Table,
  { id, capabilities }: AgentProfile,
  item: Item | undefined,
): Promise<void> {
  const names = namesWithEvidence(item).filter((name) => !Object.hasOwn(capabilities, name));
  for (const some of batchesOf(names, namesPerUpdate)) {
    await table.update({
      Key: agentKey(id),
      UpdateExpression: `REMOVE ${some.map((_, n) => `successes.#c${n}, failures.#c${n}`).join(', ')}`,
      ConditionExpression: isRegistered,
      ExpressionAttributeNames: Object.fromEntries(some.map((name, n) => [`#c${n}`, name])),
    });
  }
}
