import type { ItemKey, Table } from './table.ts';
import type { Item } from './task-item.ts';

/** One page of a visit. */
export interface VisitedPage {
  items: Item[];
  /** What was made of the pages before it in this round; undefined at the first one. */
  carried: string | undefined;
  /** The round ends with it: the next page is the first one again. */
  isLast: boolean;
  /** Goes on to the next page, carrying something along. */
  advance(carry?: string): Promise<void>;
}

/**
 * Visits all items of a partition in turn, page by page: each call goes on where the last one of any process advanced. Its
 * place and what it carries are one item, so that two at once cannot count a page twice.
 */
export class Visit {
  readonly #table: Table;
  readonly #partition: string;
  readonly #key: ItemKey;

  /** @param key where the visit keeps its place */
  constructor(table: Table, partition: string, key: ItemKey) {
    this.#table = table;
    this.#partition = partition;
    this.#key = key;
  }

  /**
   * @param atLeast the smallest page
   * @param calls within about so many calls, everything is visited once
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
        // A partition of one page needs no place.
        if (isLast && after === undefined) return;
        const seen = visited + items.length;
        const next = isLast ? { size: seen } : { after: cursor, carried: carry, visited: seen, size };
        await this.#table.put({ Item: { ...this.#key, ...next } });
      },
    };
  }
}
