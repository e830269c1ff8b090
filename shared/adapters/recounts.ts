import { recounted } from '../domain/statistics.ts';
import type { Clock, Recount, RecountPlace, Recounts } from '../ports.ts';
import { recountKey, statisticsKey } from './item-keys.ts';
import { toCountRules } from './item-readers.ts';
import type { Table } from './table.ts';
import type { Item } from './task-item.ts';

/**
 * Tasks created until this long after a recount began count only when they are marked. By then every stream consumer
 * knows of the recount, however much clocks differ.
 */
const clocksDifferMs = 60_000;

const isNoneUnderWay = 'attribute_not_exists(nextRecount)';
const isThisUnderWay = 'nextRecount = :recount';
const hasSeenAllMarks = 'nextMarked >= :marked';

/** The attribute in which a recount builds a count. */
export const nextName = (name: string) => `next_${name}`;

/**
 * The port Recounts: the counts being built are attributes of the same item as those that are shown, and kept in the
 * same writes.
 */
export class DynamoDbRecounts implements Recounts {
  readonly #table: Table;
  readonly #clock: Clock;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async latest(): ReturnType<Recounts['latest']> {
    const { current, next } = toCountRules((await this.#table.get(statisticsKey)) ?? {});
    const underWay = next && { ...next, begunAt: next.since - clocksDifferMs };
    return { ended: current.recount, endedSince: current.since, underWay };
  }

  async begin(): Promise<Recount> {
    const { ended, underWay } = await this.latest();
    if (underWay) return underWay;
    const begunAt = this.#clock.now();
    const next = { recount: ended + 1, since: begunAt + clocksDifferMs };
    const zeros = recounted.map(nextName);
    const { written } = await this.#update(
      `SET nextRecount = :recount, nextSince = :since, nextMarked = :zero, ${zeros.map((name) => `${name} = :zero`).join(', ')}`,
      isNoneUnderWay,
      { ':recount': next.recount, ':since': next.since, ':zero': 0 },
    );
    return written ? { ...next, begunAt } : this.begin();
  }

  async place(recount: number): Promise<RecountPlace | undefined> {
    const item = await this.#table.get(recountKey);
    return item?.['recount'] === recount ? (item['place'] as RecountPlace) : undefined;
  }

  async move(recount: number, place: RecountPlace): Promise<void> {
    await this.#table.put({ Item: { ...recountKey, recount, place } });
  }

  async end(recount: number, marked: number): Promise<boolean> {
    const shown = ['recount = :recount', 'recountSince = nextSince'];
    const sets = [...shown, ...recounted.map((name) => `#${name} = ${nextName(name)}`)];
    const removed = ['nextRecount', 'nextSince', 'nextMarked', ...recounted.map(nextName)];
    const { written } = await this.#update(
      `SET ${sets.join(', ')} REMOVE ${removed.join(', ')}`,
      `${isThisUnderWay} AND ${hasSeenAllMarks}`,
      { ':recount': recount, ':marked': marked },
      Object.fromEntries(recounted.map((name) => [`#${name}`, name])),
    );
    return written || (await this.latest()).ended >= recount;
  }

  #update(expression: string, when: string, values: Item, names: Record<string, string> = {}) {
    return this.#table.update({
      Key: statisticsKey,
      UpdateExpression: expression,
      ConditionExpression: when,
      ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
      ExpressionAttributeValues: values,
    });
  }
}
