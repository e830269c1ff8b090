import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ownerOnly = { file: 0o600, folder: 0o700 } as const;

/** Makes a folder private to its owner, whether or not it exists yet. */
export function privateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: ownerOnly.folder });
  chmodSync(path, ownerOnly.folder);
  return path;
}

/** Makes a file private to its owner, whether or not it exists yet, so that it can be opened by path. */
export function privateFile(path: string): string {
  closeSync(openSync(path, 'a', ownerOnly.file));
  chmodSync(path, ownerOnly.file);
  return path;
}

/** Replaces a private file atomically: if the process is killed, either the old or the new content remains. */
export function writePrivate(file: string, content: string): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, content, { mode: ownerOnly.file });
  renameSync(unfinished, file);
}

/** The same, with human-readable JSON. */
export const writePrivateJson = (file: string, content: unknown) =>
  writePrivate(file, `${JSON.stringify(content, null, 2)}\n`);

/** Makes a file, or a folder with its files, private to its owner. Does not follow links; nothing needs to exist. */
export function makePrivate(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) chmodSync(path, ownerOnly.file);
  if (!found?.isDirectory()) return;
  chmodSync(path, ownerOnly.folder);
  for (const name of readdirSync(path)) makePrivate(join(path, name));
}
