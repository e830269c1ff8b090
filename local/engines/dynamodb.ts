import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { privateFolder } from '../data/private-file.ts';
import { region } from '../template/aws.ts';
import { startChildProcess, type ChildProcess } from './child-process.ts';
import { dynamodbLocal } from './dynamodb-local.ts';
import type { DynamoDbProgram } from './dynamodb-program.ts';
import { dynoxide } from './dynoxide.ts';
import { freeAddress } from './free-address.ts';
import { rememberEngine, waitForEarlierEngine } from './earlier-engine.ts';

export type DynamoDbKind = 'dynoxide' | 'dynamodb-local';

/** What is needed to call an engine. */
export interface DynamoDbAddress {
  readonly url: string;
  /** The access key id that its tables are stored under; dynoxide accepts any. */
  readonly keyId: string;
}

/** A running DynamoDB engine. It ends with its parent process, however that ends. */
export interface DynamoDbEngine extends DynamoDbAddress {
  readonly kind: DynamoDbKind;
  readonly pid: number;
  /** Notes for the user about this engine, printed at startup. */
  readonly notes: readonly string[];
  /** Resolves with the engine's last output when it has ended for any reason. */
  readonly ended: Promise<string>;
  /**
   * Deletes the stream records of a table up to the sequence number that all its consumers have passed, as AWS does
   * after 24 hours. Only needed for dynoxide, which keeps them forever; does nothing on DynamoDB Local.
   */
  trimStream(tableName: string, upToSequenceNumber: string): void;
  stop(): Promise<void>;
}

export interface DynamoDbOptions {
  /** Default: `MUSTER_DYNAMODB`, or else dynoxide if installed, or else DynamoDB Local. */
  kind?: DynamoDbKind;
  /** Where to keep the data. Default: a temporary folder, deleted with the engine. */
  folder?: string;
  /** Finds a free address. Default: a random one. */
  findAddress?: typeof freeAddress;
}

const programs: Record<DynamoDbKind, DynamoDbProgram> = { dynoxide, 'dynamodb-local': dynamodbLocal };

/** The headers of a call. Neither engine verifies signatures, but both require one. */
export const engineHeaders = ({ keyId }: Pick<DynamoDbAddress, 'keyId'>) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${keyId}/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
  'x-amz-date': '20260101T000000Z',
  'content-type': 'application/x-amz-json-1.0',
});

/** Settings of an SDK client that calls an engine directly, bypassing the edge and its meter. */
export const engineClientSettings = ({ url, keyId }: DynamoDbAddress) => ({
  endpoint: url,
  region,
  credentials: { accessKeyId: keyId, secretAccessKey: 'local' },
  maxAttempts: 1,
});

/**
 * Starts DynamoDB and waits until it responds.
 * @throws if it is not installed, its folder is in use, or it does not start
 */
export async function startDynamoDb(options: DynamoDbOptions = {}): Promise<DynamoDbEngine> {
  const kind = options.kind ?? chosenKind();
  const program = programs[kind];
  const missing = program.missing();
  if (missing !== undefined) throw new Error(missing);
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'muster-dynamodb-'));
  privateFolder(folder);
  refuseOtherKind(folder, kind);
  await waitForEarlierEngine(folder);

  const { address, child } = await listening(program, kind, folder, options);
  const streams = program.openStreams(folder);

  return {
    ...address,
    kind,
    pid: child.pid,
    notes: program.notes,
    ended: child.ended,
    trimStream: (tableName, upToSequenceNumber) => streams.trim(tableName, upToSequenceNumber),
    async stop() {
      streams.close();
      await child.stop();
    },
  };
}

/** How many addresses to try: another process may take an address between the check and the engine's start. */
const addressesTried = 3;

async function listening(
  program: DynamoDbProgram,
  kind: DynamoDbKind,
  folder: string,
  options: DynamoDbOptions,
): Promise<{ address: DynamoDbAddress; child: ChildProcess }> {
  const { findAddress = freeAddress } = options;
  const temporary = options.folder === undefined;
  const keyId = program.keyId(folder, temporary);
  for (let tried = 1; ; tried += 1) {
    // A temporary folder is deleted with each engine.
    privateFolder(folder);
    const { host, port } = await findAddress(program.hosts);
    const address = { url: `http://${host}:${port}`, keyId };
    const { command, args } = program.command({ host, port, folder, temporary });
    const child = await startChildProcess(command, args, temporary ? folder : '');
    rememberEngine(folder, { pid: child.pid, host, port });
    try {
      await waitUntilReady(address, child, kind);
      return { address, child };
    } catch (error) {
      const isTaken = error instanceof Error && /already in use|Address in use/i.test(error.message);
      if (!isTaken || tried === addressesTried) throw error;
    }
  }
}

/** Why this machine cannot run the engine; undefined if it can. */
export function missingFor(kind: DynamoDbKind): string | undefined {
  return programs[kind].missing();
}

/** The engine named by `MUSTER_DYNAMODB`, or else dynoxide if installed, or else DynamoDB Local. */
export function chosenKind(): DynamoDbKind {
  const chosen = process.env['MUSTER_DYNAMODB'];
  if (chosen === undefined || chosen === '')
    return missingFor('dynoxide') === undefined ? 'dynoxide' : 'dynamodb-local';
  if (chosen in programs) return chosen as DynamoDbKind;
  throw new Error(`MUSTER_DYNAMODB is "${chosen}". Set it to dynoxide or dynamodb-local, or leave it unset.`);
}

function refuseOtherKind(folder: string, kind: DynamoDbKind): void {
  for (const [other, { dataFiles }] of Object.entries(programs)) {
    if (other === kind || !dataFiles.some((name) => existsSync(join(folder, name)))) continue;
    throw new Error(
      `The data in ${folder} was written by ${other}, which ${kind} cannot read. ` +
        `Set MUSTER_DYNAMODB=${other}, or choose another folder with MUSTER_DATA.`,
    );
  }
}

const startTimeoutMs = 30_000;

async function waitUntilReady(address: DynamoDbAddress, child: ChildProcess, kind: DynamoDbKind): Promise<void> {
  const start = { over: false };
  const end = child.ended.then((output) => {
    if (start.over) return;
    throw new Error(`${kind} exited during startup. Output:\n${output.trim()}`);
  });
  const answer = (async () => {
    const deadline = Date.now() + startTimeoutMs;
    while (!(await answers(address))) {
      if (Date.now() > deadline)
        throw new Error(`${kind} (process ${child.pid}) did not respond within 30 s at ${address.url}.`);
      await delay(10);
    }
  })();
  try {
    await Promise.race([answer, end]);
  } catch (error) {
    await child.stop();
    throw error;
  } finally {
    start.over = true;
  }
}

async function answers(address: DynamoDbAddress): Promise<boolean> {
  const headers = { ...engineHeaders(address), 'x-amz-target': 'DynamoDB_20120810.ListTables', connection: 'close' };
  try {
    return (await fetch(address.url, { method: 'POST', headers, body: '{}' })).ok;
  } catch {
    return false;
  }
}
