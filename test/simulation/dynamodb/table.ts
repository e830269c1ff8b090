import { invalid } from './errors.ts';
import { compareTexts, itemBytes, type Item } from './values.ts';

export interface KeySchema {
  partition: string;
  sort?: string | undefined;
}

/** A table as defined in the template: keys are strings, and indexes are keys-only. */
export interface TableDefinition {
  name: string;
  key: KeySchema;
  indexes: (KeySchema & { name: string })[];
}

/** One change to one item. */
export interface ItemChange {
  table: string;
  at: number;
  before: Item | undefined;
  after: Item | undefined;
}

interface Version {
  at: number;
  item: Item | undefined;
}

/** An item with the versions that a read may still return, newest last. */
class Row {
  readonly key: Item;
  readonly id: string;
  #versions: Version[] = [];

  constructor(key: Item, id: string) {
    this.key = key;
    this.id = id;
  }

  /** The item as it was this long ago. */
  seen(now: number, lagMs: number): Item | undefined {
    if (lagMs === 0) return this.#versions.at(-1)?.item;
    return this.#versions.findLast(({ at }) => at <= now - lagMs)?.item;
  }

  write(item: Item | undefined, now: number, keptMs: number): void {
    this.#versions.push({ at: now, item });
    const oldest = this.#versions.findLastIndex(({ at }) => at <= now - keptMs);
    if (oldest > 0) this.#versions = this.#versions.slice(oldest);
  }

  /** Whether no read can return it anymore from this partition of this index. */
  hasLeft(attribute: string, value: string, now: number, keptMs: number): boolean {
    const visible = this.#versions.filter(
      ({ at }, n) =>
        at > now - keptMs || n === this.#versions.length - 1 || (this.#versions[n + 1]?.at ?? 0) > now - keptMs,
    );
    return visible.every(({ item }) => item?.[attribute]?.S !== value);
  }
}

export interface Query {
  index?: string | undefined;
  partition: string;
  /** Whether a sort key is in the queried range. */
  includes: (sort: string) => boolean;
  forward: boolean;
  limit: number;
  start?: Item | undefined;
  /** How outdated each item is read. */
  lagMs: () => number;
}

const maxPageBytes = 2 ** 20;

/** The items of one table and its indexes. The caller provides the time. */
export class Table {
  readonly definition: TableDefinition;
  /** How long old versions are kept for stale reads. */
  readonly #keptMs: number;
  readonly #rows = new Map<string, Map<string, Row>>();
  readonly #indexes = new Map<string, Map<string, Set<Row>>>();

  constructor(definition: TableDefinition, keptMs: number) {
    this.definition = definition;
    this.#keptMs = keptMs;
    for (const { name } of definition.indexes) this.#indexes.set(name, new Map());
  }

  get(key: Item, now: number, lagMs = 0): Item | undefined {
    const { partition, sort } = this.#position(key);
    return this.#rows.get(partition)?.get(sort)?.seen(now, lagMs);
  }

  /** All current items. */
  all(now: number): Item[] {
    const rows = [...this.#rows.values()].flatMap((partition) => [...partition.values()]);
    return rows.map((row) => row.seen(now, 0)).filter((item) => item !== undefined);
  }

  write(key: Item, item: Item | undefined, now: number): void {
    const { partition, sort } = this.#position(key);
    const rows = this.#rows.get(partition) ?? new Map<string, Row>();
    this.#rows.set(partition, rows);
    const row = rows.get(sort) ?? new Row(this.keyOf(key), `${partition}\n${sort}`);
    rows.set(sort, row);
    row.write(item, now, this.#keptMs);
    for (const index of this.definition.indexes) {
      const value = item?.[index.partition]?.S;
      if (value === undefined || !this.#isIndexed(item, index)) continue;
      const found = this.#indexes.get(index.name);
      const entries = found?.get(value) ?? new Set();
      found?.set(value, entries.add(row));
    }
  }

  /** One page, and where the next one begins if there may be one. */
  query({ index: name, partition, includes, forward, limit, start, lagMs }: Query, now: number) {
    const schema = name === undefined ? this.definition.key : this.#indexNamed(name);
    const { sort } = schema;
    const seen = this.#rowsIn(name, schema.partition, partition, now).flatMap((row) => {
      const item = row.seen(now, lagMs());
      if (item?.[schema.partition]?.S !== partition || !this.#isIndexed(item, schema)) return [];
      const at = sort === undefined ? '' : (item[sort]?.S ?? '');
      return includes(at) ? [{ item, at, id: row.id }] : [];
    });
    const ordered = seen.sort((one, other) => compareTexts(one.at, other.at) || compareTexts(one.id, other.id));
    if (!forward) ordered.reverse();
    const page: Item[] = [];
    let bytes = 0;
    for (const { item, at, id } of ordered) {
      if (start && !this.#isBehind({ at, id }, start, sort, forward)) continue;
      page.push(name === undefined ? item : this.#keysOnly(item, schema));
      bytes += itemBytes(item);
      if (page.length >= limit || bytes > maxPageBytes) return { items: page, last: this.#keysOnly(item, schema) };
    }
    return { items: page, last: undefined };
  }

  /** The validated key attributes of an item. */
  keyOf(item: Item): Item {
    const names = [this.definition.key.partition, this.definition.key.sort].filter((name) => name !== undefined);
    return Object.fromEntries(
      names.map((name) => {
        const value = item[name];
        if (value?.S === undefined || value.S === '')
          throw invalid(`The key attribute ${name} must be a text, not empty`);
        return [name, value];
      }),
    );
  }

  #position(key: Item): { partition: string; sort: string } {
    const { partition, sort } = this.definition.key;
    return { partition: key[partition]?.S ?? '', sort: sort === undefined ? '' : (key[sort]?.S ?? '') };
  }

  #indexNamed(name: string): KeySchema {
    const index = this.definition.indexes.find((one) => one.name === name);
    if (!index) throw invalid(`The table does not have the specified index: ${name}`);
    return index;
  }

  #rowsIn(index: string | undefined, attribute: string, partition: string, now: number): Row[] {
    if (index === undefined) return [...(this.#rows.get(partition)?.values() ?? [])];
    const entries = this.#indexes.get(index)?.get(partition) ?? new Set();
    for (const row of entries) if (row.hasLeft(attribute, partition, now, this.#keptMs)) entries.delete(row);
    return [...entries];
  }

  #isIndexed(item: Item | undefined, { partition, sort }: KeySchema): boolean {
    return item?.[partition] !== undefined && (sort === undefined || item[sort] !== undefined);
  }

  #keysOnly(item: Item, { partition, sort }: KeySchema): Item {
    const { key } = this.definition;
    const names = [key.partition, key.sort, partition, sort].filter((name) => name !== undefined);
    return Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
  }

  #isBehind({ at, id }: { at: string; id: string }, start: Item, sort: string | undefined, forward: boolean): boolean {
    const position = this.#position(start);
    const startAt = sort === undefined ? '' : (start[sort]?.S ?? '');
    const order = compareTexts(at, startAt) || compareTexts(id, `${position.partition}\n${position.sort}`);
    return forward ? order > 0 : order < 0;
  }
}
