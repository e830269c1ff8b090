import { batchesOf } from '../batches.ts';
import type { AgentProfile } from '../domain/agent.ts';
import { agentKey } from './item-keys.ts';
import type { Table } from './table.ts';
import type { Item } from './task-item.ts';

const isRegistered = 'attribute_exists(registeredAt)';

/** How many capabilities one update forgets: an expression may have 4 KB. */
const namesPerUpdate = 50;

/** The capabilities for which the item of an agent counts outcomes. */
export const namesWithEvidence = (item: Item | undefined): string[] => [
  ...new Set(['successes', 'failures'].flatMap((counts) => Object.keys(item?.[counts] ?? {}))),
];

/** Forgets the outcomes of tasks that required what the agent is not capable of, or is no more: its item would grow with them. */
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
