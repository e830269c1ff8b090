import { sortable, type Lane } from '../domain/lane.ts';
import type { ListedTask, Listings, ReadyTask, TaskList } from '../ports.ts';
import { idOf, partitionsOf, readyTask } from './item-keys.ts';
import type { Table } from './table.ts';

interface Range {
  after?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** The port Listings on the indexes of the tasks table. */
export class DynamoDbListings implements Listings {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async lane(lane: Pick<Lane, 'key' | 'routing'>, limit: number, after?: string): Promise<ReadyTask[]> {
    const entries = await this.#read({ of: 'lane', lane }, limit, { after });
    return entries.map((entry) => readyTask(entry.position));
  }

  due(kind: 'timers' | 'checks', now: number, limit: number, after?: string): Promise<ListedTask[]> {
    return this.#read({ of: kind }, limit, { after, to: `${sortable(now)}~` });
  }

  page(list: TaskList, limit: number, { after, since }: { after?: string; since?: number }): Promise<ListedTask[]> {
    return this.#read(list, limit, { after, from: since === undefined ? undefined : sortable(since) });
  }

  /** The first entries of a list after a position, in order, merged from its partitions. */
  async #read(list: TaskList, limit: number, range: Range): Promise<ListedTask[]> {
    const { index, partitions, newestFirst } = partitionsOf(list);
    const lowest = newestFirst ? range.from : (range.after ?? range.from);
    const highest = newestFirst ? (range.after ?? range.to) : range.to;
    if ((lowest ?? '0') > (highest ?? '~')) return [];
    const pages = await Promise.all(
      partitions.map((partition) =>
        this.#table.query({
          IndexName: index.name,
          KeyConditionExpression: '#partition = :partition AND #sort BETWEEN :lowest AND :highest',
          ExpressionAttributeNames: { '#partition': index.partition, '#sort': index.sort },
          ExpressionAttributeValues: {
            ':partition': partition,
            ':lowest': lowest ?? '0',
            ':highest': highest ?? '~',
          },
          ScanIndexForward: !newestFirst,
          // A range includes its start position, which is dropped.
          Limit: limit + (range.after === undefined ? 0 : 1),
        }),
      ),
    );
    const ascending = newestFirst ? -1 : 1;
    return pages
      .flat()
      .map((item) => ({ id: idOf(String(item['pk'])), position: String(item[index.sort]) }))
      .filter((entry) => entry.position !== range.after)
      .sort((one, other) => (one.position < other.position ? -ascending : ascending))
      .slice(0, limit);
  }
}
