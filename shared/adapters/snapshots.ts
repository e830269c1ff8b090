import type { Snapshot, SnapshotParts, Snapshots } from '../ports.ts';
import { snapshotKey } from './item-keys.ts';
import type { Table } from './table.ts';

/** The port Snapshots: one item for each, stored as JSON so that any name can be a key. */
export class DynamoDbSnapshots implements Snapshots {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get<Of extends keyof SnapshotParts>(of: Of): Promise<Snapshot<SnapshotParts[Of]> | undefined> {
    const item = await this.#table.get(snapshotKey(of), false);
    return item && { at: Number(item['at']), summary: JSON.parse(String(item['summary'])) as SnapshotParts[Of] };
  }

  async put<Of extends keyof SnapshotParts>(of: Of, { at, summary }: Snapshot<SnapshotParts[Of]>): Promise<void> {
    await this.#table.put({ Item: { ...snapshotKey(of), at, summary: JSON.stringify(summary) } });
  }
}
