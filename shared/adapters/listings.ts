import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { sortable } from '../domain/lane.ts';
import type { ListedTask, Listings, TaskList } from '../ports.ts';
import type { Documents } from './dynamodb.ts';
import { idOf, partitionsOf, readyTask } from './item-keys.ts';

interface Range {
  after?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** The port Listings on the indexes of the tasks table. */
export function listingsOn(client: Documents, table: string): Listings {
  /** The first entries of a list after a position, in its order, merged over its partitions. */
  async function read(list: TaskList, limit: number, range: Range): Promise<ListedTask[]> {
    const { index, partitions, newestFirst } = partitionsOf(list);
    const lowest = newestFirst ? range.from : (range.after ?? range.from);
    const highest = newestFirst ? (range.after ?? range.to) : range.to;
    if ((lowest ?? '0') > (highest ?? '~')) return [];
    const pages = await Promise.all(
      partitions.map(async (partition) => {
        const answer = await client.send(
          new QueryCommand({
            TableName: table,
            IndexName: index.name,
            KeyConditionExpression: '#partition = :partition AND #sort BETWEEN :lowest AND :highest',
            ExpressionAttributeNames: { '#partition': index.partition, '#sort': index.sort },
            ExpressionAttributeValues: {
              ':partition': partition,
              ':lowest': lowest ?? '0',
              ':highest': highest ?? '~',
            },
            ScanIndexForward: !newestFirst,
            // A range includes the position it begins behind.
            Limit: limit + (range.after === undefined ? 0 : 1),
          }),
        );
        return (answer.Items ?? []).map((item) => ({
          id: idOf(String(item['pk'])),
          position: String(item[index.sort]),
        }));
      }),
    );
    const ascending = newestFirst ? -1 : 1;
    return pages
      .flat()
      .filter((entry) => entry.position !== range.after)
      .sort((one, other) => (one.position < other.position ? -ascending : ascending))
      .slice(0, limit);
  }

  return {
    async lane(lane, limit) {
      const entries = await read({ of: 'lane', lane }, limit, {});
      return entries.map((entry) => readyTask(entry.position));
    },

    due: (kind, now, limit, after) => read({ of: kind }, limit, { after, to: `${sortable(now)}~` }),

    page: (list, limit, { after, since }) =>
      read(list, limit, { after, from: since === undefined ? undefined : sortable(since) }),
  };
}
