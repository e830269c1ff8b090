import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ownerOnly = { file: 0o600, folder: 0o700 } as const;

/** A folder that only its owner may enter, also where it was there before. */
export function privateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: ownerOnly.folder });
  chmodSync(path, ownerOnly.folder);
  return path;
}

/** A file that only its owner may read, also where it was there before: to be opened by its path. */
export function privateFile(path: string): string {
  closeSync(openSync(path, 'a', ownerOnly.file));
  chmodSync(path, ownerOnly.file);
  return path;
}

/** Replaces a file that only its owner may read, in one step: a process that is killed here leaves the old one or the new one. */
export function writePrivate(file: string, content: string): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, content, { mode: ownerOnly.file });
  renameSync(unfinished, file);
}

/** The same with JSON that people may read. */
export const writePrivateJson = (file: string, content: unknown) =>
  writePrivate(file, `${JSON.stringify(content, null, 2)}\n`);

/** Closes a file, or a folder with the files in it, to all but its owner. Nothing is followed out of it, and nothing need be there. */
export function makePrivate(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) chmodSync(path, ownerOnly.file);
  if (!found?.isDirectory()) return;
  chmodSync(path, ownerOnly.folder);
  for (const name of readdirSync(path)) makePrivate(join(path, name));
}
