import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { privateFile, privateFolder } from '../data/private-file.ts';

/** An open tumbling window. Times are epoch milliseconds by the functions' clock. */
export interface OpenWindow {
  start: number;
  end: number;
  state: unknown;
}

export interface Position {
  /** Sequence number of the last record that was handled or given up. */
  after?: string;
  window?: OpenWindow;
}

/** How far each stream mapping has read, stored in an SQLite file so that a restart continues from there. */
export class Positions {
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #set: StatementSync;

  constructor(file: string) {
    privateFolder(dirname(file));
    this.#database = new DatabaseSync(privateFile(file));
    // Safe if the process dies; what a power failure loses is read again. Replacing a file instead would have to wait
    // for the disk.
    this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS positions (reader TEXT PRIMARY KEY, position TEXT NOT NULL) STRICT`);
    this.#get = this.#database.prepare('SELECT position FROM positions WHERE reader = ?');
    this.#set = this.#database.prepare('INSERT OR REPLACE INTO positions (reader, position) VALUES (?, ?)');
  }

  /** @param reader identifies a mapping and a shard */
  get(reader: string): Position {
    const row = this.#get.get(reader) as { position: string } | undefined;
    return row ? (JSON.parse(row.position) as Position) : {};
  }

  set(reader: string, position: Position): void {
    this.#set.run(reader, JSON.stringify(position));
  }

  close(): void {
    this.#database.close();
  }
}
