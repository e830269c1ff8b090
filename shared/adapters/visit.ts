import type { ItemKey, Table } from './table.ts';
import type { Item } from './task-item.ts';

/** One page of a visit. */
export interface VisitedPage {
  items: Item[];
  /** What the earlier pages of this round carried along; undefined on the first page. */
  carried: string | undefined;
  /** This page ends the round; the next one is the first page again. */
  isLast: boolean;
  /** Moves on to the next page and carries a value along. */
  advance(carry?: string): Promise<void>;
}

/**
 * Visits all items of a partition in turn, page by page: each call continues where the last `advance` of any process
 * left off. The position and the carried value are one item, so that concurrent visits cannot count a page twice.
 */
export class Visit {
  readonly #table: Table;
  readonly #partition: string;
  readonly #key: ItemKey;

  /** @param key of the item that stores the position */
  constructor(table: Table, partition: string, key: ItemKey) {
    this.#table = table;
    this.#partition = partition;
    this.#key = key;
  }

  /**
   * @param atLeast the minimum page size
   * @param calls the number of calls in which everything should be visited once
   */
  async next(atLeast: number, calls = Infinity): Promise<VisitedPage> {
    const place = await this.#table.get(this.#key);
    const after = place?.['after'] as string | undefined;
    const [visited, size] = [Number(place?.['visited'] ?? 0), Number(place?.['size'] ?? 0)];
    const limit = Math.max(atLeast, Math.ceil(size / calls));
    const { items, cursor } = await this.#table.page(this.#partition, { consistent: false, limit, cursor: after });
    const isLast = cursor === undefined;
    return {
      items,
      carried: place?.['carried'] as string | undefined,
      isLast,
      advance: async (carry) => {
        // A partition of one page needs no position.
        if (isLast && after === undefined) return;
        const seen = visited + items.length;
        const next = isLast ? { size: seen } : { after: cursor, carried: carry, visited: seen, size };
        await this.#table.put({ Item: { ...this.#key, ...next } });
      },
    };
  }
}
