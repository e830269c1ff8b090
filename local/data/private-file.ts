import { renameSync, writeFileSync } from 'node:fs';

/** Writes JSON that only its owner may read, in one step. */
export function writePrivate(file: string, content: unknown): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}
