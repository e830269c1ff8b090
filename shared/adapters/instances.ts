import type { Occupant } from '../domain/instance.ts';
import type { Instance } from '../domain/agent.ts';
import { agentKey } from './item-keys.ts';
import { toOccupant } from './item-readers.ts';
import type { Table } from './table.ts';
import type { Item } from './task-item.ts';

const hasNoInstance = 'attribute_not_exists(instance)';
const hasTheInstanceRead = 'instance = :read';
const wasNotSeenSince = '(attribute_not_exists(seenAt) OR seenAt <= :seenAt)';

/** Which process has which agent id: an attribute of the agent's item, which exists before the agent is registered. */
export class AgentInstances {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async occupant(id: string): Promise<Occupant | undefined> {
    const item = await this.#table.get(agentKey(id));
    return item && toOccupant(item);
  }

  async occupy(
    id: string,
    next: Instance | undefined,
    read: Occupant | undefined,
    takeover: boolean,
  ): Promise<boolean> {
    const isAsRead = read?.instance ? hasTheInstanceRead : hasNoInstance;
    const { written, item } = await this.#table.update({
      Key: agentKey(id),
      UpdateExpression: next ? 'SET instance = :next' : 'REMOVE instance',
      ConditionExpression: takeover ? isAsRead : `${isAsRead} AND ${wasNotSeenSince}`,
      ExpressionAttributeValues: {
        ...(next && { ':next': next }),
        ...(read?.instance && { ':read': read.instance }),
        ...(!takeover && { ':seenAt': read?.seenAt ?? 0 }),
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    // An earlier try of this very write, whose response was lost.
    return written || (item !== undefined && hasInstance(item, next));
  }
}

function hasInstance(item: Item, instance: Instance | undefined): boolean {
  const { instance: now } = toOccupant(item);
  return now?.id === instance?.id && now?.since === instance?.since;
}
