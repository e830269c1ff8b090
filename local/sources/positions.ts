import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { privateFolder, writePrivate } from '../data/private-file.ts';

/** A tumbling window that has begun. Times in epoch milliseconds by the functions' clock. */
export interface OpenWindow {
  start: number;
  end: number;
  state: unknown;
}

export interface Position {
  /** Sequence number of the last record that is done with. */
  after?: string;
  window?: OpenWindow;
}

/** How far each stream mapping has read, kept in a file so that a restart goes on from there. */
export class Positions {
  readonly #file: string;
  readonly #positions: Record<string, Position>;

  constructor(file: string) {
    privateFolder(dirname(file));
    this.#file = file;
    this.#positions = load(file);
  }

  /** @param reader names a mapping and a shard */
  get(reader: string): Position {
    return this.#positions[reader] ?? {};
  }

  set(reader: string, position: Position): void {
    this.#positions[reader] = position;
    writePrivate(this.#file, JSON.stringify(this.#positions));
  }
}

function load(file: string): Record<string, Position> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Position>;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}
