import type { ItemKey, Table } from './table.ts';
import type { Item } from './task-item.ts';

/** One page of a visit. */
export interface VisitedPage {
  items: Item[];
  /** How many pages came before it in this round. */
  n: number;
  /** The round ends with it: the next page is the first one again. */
  isLast: boolean;
}

/** Visits all items of a partition in turn, page by page: each call goes on where the last one of any process ended. */
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
    const [n, visited, size] = ['n', 'visited', 'size'].map((name) => Number(place?.[name] ?? 0)) as Triple;
    const after = place?.['after'] as string | undefined;
    const limit = Math.max(atLeast, Math.ceil(size / calls));
    const { items, cursor } = await this.#table.page(this.#partition, { consistent: false, limit, cursor: after });
    // A partition of one page needs no place.
    if (cursor !== undefined || after !== undefined) {
      const seen = visited + items.length;
      const next =
        cursor === undefined ? { n: 0, visited: 0, size: seen } : { n: n + 1, visited: seen, size, after: cursor };
      await this.#table.put({ Item: { ...this.#key, ...next } });
    }
    return { items, n, isLast: cursor === undefined };
  }
}

type Triple = [n: number, visited: number, size: number];
