import { inBatches } from '../batches.ts';
import { countOfGraph } from '../domain/graph.ts';
import type { Clock, CountedBatch } from '../ports.ts';
import { checkpointMove, dropExpired, uncountedOf } from './checkpoints.ts';
import { graphKey } from './item-keys.ts';
import type { Table } from './table.ts';

/** Graphs from an earlier version keep no counts: their tasks were not counted from the start. */
const keepsCounts = 'attribute_exists(#total)';

/** How many graphs are written concurrently. */
const graphsAtOnce = 25;

/** Task counts by status, kept in the graphs as tasks change: one write per graph in a batch of the stream. */
export class GraphCounts {
  readonly #table: Table;
  readonly #clock: Clock;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async add({ shardId, changes }: CountedBatch): Promise<void> {
    const counted = changes.filter(({ before, after }) => after && after.status !== before?.status);
    const byGraph = Map.groupBy(counted, ({ after }) => after?.graphId);
    await inBatches([...byGraph], graphsAtOnce, async ([id, ofGraph]) => {
      if (id !== undefined) await this.#addTo(id, { shardId, changes: ofGraph });
    });
  }

  async #addTo(id: string, batch: CountedBatch): Promise<void> {
    const now = this.#clock.now();
    const changed = Object.entries(countOfGraph(batch.changes)).filter(([, by]) => by !== 0);
    const adding = changed.length > 0 ? ` ADD ${changed.map(([status]) => `#${status} :${status}`).join(', ')}` : '';
    const move = checkpointMove(batch, now);
    const { written, item } = await this.#table.update({
      Key: graphKey(id),
      UpdateExpression: `SET ${move.set}${adding}`,
      ConditionExpression: `${keepsCounts} AND ${move.isNotCountedYet}`,
      ExpressionAttributeNames: {
        '#total': 'total',
        ...move.names,
        ...Object.fromEntries(changed.map(([name]) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: {
        ...move.values,
        ...Object.fromEntries(changed.map(([name, by]) => [`:${name}`, by])),
      },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    if (written) return dropExpired(this.#table, graphKey(id), item ?? {}, now);
    if (item?.['total'] === undefined) return;
    const open = uncountedOf(batch, item);
    if (open.length > 0 && open.length < batch.changes.length) await this.#addTo(id, { ...batch, changes: open });
  }
}
