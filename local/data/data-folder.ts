import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivate, privateFile, privateFolder, writePrivate } from './private-file.ts';

export interface DataFolder {
  readonly path: string;
  /** Releases the lock. */
  close(): void;
}

/**
 * Creates a data folder, or opens an existing one, exclusively for this process. The lock ends with the process,
 * however that ends.
 * @throws if another process has the folder open, or its format is of another version
 */
export function openDataFolder(path: string, version: string): DataFolder {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new Error(`${path} is a file. Choose a data folder with MUSTER_DATA; it is created if needed.`);
  }
  // It contains task contents and keys, which must stay private on a shared machine.
  mkdirSync(path, { recursive: true, mode: 0o700 });
  requireOwn(path);
  const isDataFolder = isEmptyOrOurs(path);
  const lock = takeLock(path);
  try {
    checkVersion(path, version);
    // If the folder contains other files too, only Muster's own are made private.
    if (isDataFolder) privateFolder(path);
    for (const name of contents) makePrivate(join(path, name));
    // Only for the message to the next process that tries: the lock itself is in the database.
    writePrivate(join(path, 'pid'), `${process.pid}\n`);
  } catch (error) {
    lock.close();
    throw error;
  }
  return { path, close: () => lock.close() };
}

/**
 * Everything that this version or an earlier one may have put into a data folder, including SQLite's auxiliary files.
 */
const contents = [
  ...['pid', 'version', 'keys.json', 'sign-in-key.json', 'local.json', 'logs', 'dynamodb', 'positions'],
  ...['lock.db', 'async-invocations.db'].flatMap((file) => ['', '-wal', '-shm', '-journal'].map((end) => file + end)),
];

/** Another user could read and replace files they own. Windows has no such owners. */
function requireOwn(path: string): void {
  const me = process.getuid?.();
  const owner = statSync(path).uid;
  if (me === undefined || me === 0 || owner === me) return;
  throw new Error(
    `The data folder ${path} belongs to another user (uid ${owner}). Choose a folder of your own with MUSTER_DATA.`,
  );
}

function isEmptyOrOurs(path: string): boolean {
  const found = readdirSync(path);
  return found.length === 0 || found.includes('version');
}

function takeLock(path: string): DatabaseSync {
  const lock = new DatabaseSync(privateFile(join(path, 'lock.db')));
  try {
    // An open transaction is the lock: the operating system releases it with the process, while a lock file would stay
    // behind.
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (!(error instanceof Error && error.message.includes('locked'))) throw error;
    const holder = read(join(path, 'pid'));
    throw new Error(
      `The data folder ${path} is in use${holder === undefined ? '' : ` by process ${holder}`}. ` +
        'Stop that Muster first, or choose another folder with MUSTER_DATA.',
      { cause: error },
    );
  }
}

function checkVersion(path: string, version: string): void {
  const file = join(path, 'version');
  const made = read(file);
  // A process killed while writing leaves the file empty.
  if (made === undefined || made === '') writePrivate(file, `${version}\n`);
  else if (made !== version) {
    throw new Error(
      `The data folder ${path} was created by a different version of Muster (its format is ${made}, this version reads ${version}). ` +
        'Use that version, choose another folder with MUSTER_DATA, or remove the folder to start over.',
    );
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
