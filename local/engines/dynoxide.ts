import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { DynamoDbProgram, StreamRecords } from './dynamodb-program.ts';

const packageName = `@dynoxide/${process.platform}-${process.arch}`;
const dataFile = 'dynoxide.db';

/** dynoxide, a DynamoDB engine on SQLite: a static binary that starts in milliseconds. */
export const dynoxide: DynamoDbProgram = {
  dataFiles: [dataFile],
  notes: [],
  // It answers every web page and requires no key; its protection is that no page can find its address.
  hosts: 'any loopback',
  keyId: () => 'muster',
  missing() {
    if (binary() !== undefined) return undefined;
    return `dynoxide is not installed: npm did not install ${packageName}. Set MUSTER_DYNAMODB=dynamodb-local.`;
  },
  command: ({ host, port, folder }) => ({
    command: binary() ?? '',
    // Without a file it would keep its data in memory, where its stream records could not be indexed and trimmed.
    args: ['--host', host, '--port', String(port), '--db-path', join(folder, dataFile)],
  }),
  openStreams: (folder) => openStreams(join(folder, dataFile)),
};

function binary(): string | undefined {
  try {
    return fileURLToPath(import.meta.resolve(`${packageName}/dynoxide`));
  } catch {
    return undefined;
  }
}

const sequence = 'CAST(sequence_number AS INTEGER)';

/**
 * dynoxide looks up stream records without an index, so that writes to a table with a stream slow down as records
 * accumulate, and it never deletes any. Both are fixed in its file, which SQLite lets two processes share.
 */
function openStreams(file: string): StreamRecords {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  // If a power failure loses a trim, it is repeated; waiting for the disk would hold up everything else.
  database.exec(`
    PRAGMA synchronous = OFF;
    DROP INDEX IF EXISTS muster_next_records;
    CREATE INDEX IF NOT EXISTS muster_last_record ON _stream_records (table_name, ${sequence});`);
  // The newest record stays: dynoxide numbers the next one after the highest existing sequence number.
  const trim = database.prepare(`
    DELETE FROM _stream_records WHERE table_name = :table AND ${sequence} <= :last
      AND ${sequence} < (SELECT MAX(${sequence}) FROM _stream_records WHERE table_name = :table)`);
  return {
    trim: (table, last) => void trim.run({ table, last: BigInt(last) }),
    close: () => database.close(),
  };
}
