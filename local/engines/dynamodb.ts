import { existsSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { privateFolder } from '../data/private-file.ts';
import { startChildProcess, type ChildProcess } from './child-process.ts';
import { dynamodbLocal } from './dynamodb-local.ts';
import type { DynamoDbProgram } from './dynamodb-program.ts';
import { dynoxide } from './dynoxide.ts';
import { rememberEngine, waitForEarlierEngine } from './earlier-engine.ts';

export type DynamoDbKind = 'dynoxide' | 'dynamodb-local';

/** A running DynamoDB engine. It ends with its parent process, however that ends. */
export interface DynamoDbEngine {
  readonly kind: DynamoDbKind;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly pid: number;
  /** What the user should know about this engine, to be printed at the start. */
  readonly notes: readonly string[];
  /** Resolves with the engine's last output when it has ended, by itself or stopped. */
  readonly ended: Promise<string>;
  /**
   * Drops the stream records of a table up to the sequence number that all its consumers have passed, as AWS does after 24
   * hours. Only dynoxide needs it: it keeps them forever. Does nothing on DynamoDB Local.
   */
  trimStream(tableName: string, upToSequenceNumber: string): void;
  stop(): Promise<void>;
}

export interface DynamoDbOptions {
  /** Default: `MUSTER_DYNAMODB`, else dynoxide where it is installed, else DynamoDB Local. */
  kind?: DynamoDbKind;
  /** Where the data is kept. Default: nowhere, it goes with the engine. */
  folder?: string;
}

const programs: Record<DynamoDbKind, DynamoDbProgram> = { dynoxide, 'dynamodb-local': dynamodbLocal };

/** Neither engine checks signatures, but both want one; DynamoDB Local refuses key ids with characters like `-`. */
export const engineCredentials = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=muster/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260101T000000Z',
};

/** Starts DynamoDB and waits until it answers. Throws when it is not installed, its folder is taken, or it does not start. */
export async function startDynamoDb(options: DynamoDbOptions = {}): Promise<DynamoDbEngine> {
  const kind = options.kind ?? chosenKind();
  const program = programs[kind];
  const missing = program.missing();
  if (missing !== undefined) throw new Error(missing);
  const temporary = options.folder === undefined;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'muster-dynamodb-'));
  privateFolder(folder);
  refuseOtherKind(folder, kind);
  await waitForEarlierEngine(folder);

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { command, args } = program.command({ port, folder, temporary });
  const child = await startChildProcess(command, args, temporary ? folder : '');
  rememberEngine(folder, { pid: child.pid, port });
  await untilItAnswers(url, child, kind);
  const streams = program.openStreams(folder);

  return {
    kind,
    url,
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

/** Why this machine cannot run the engine; undefined when it can. */
export function missingFor(kind: DynamoDbKind): string | undefined {
  return programs[kind].missing();
}

/** The engine that `MUSTER_DYNAMODB` names, else dynoxide where it is installed, else DynamoDB Local. */
export function chosenKind(): DynamoDbKind {
  const chosen = process.env['MUSTER_DYNAMODB'];
  if (chosen === undefined || chosen === '')
    return missingFor('dynoxide') === undefined ? 'dynoxide' : 'dynamodb-local';
  if (chosen in programs) return chosen as DynamoDbKind;
  throw new Error(`MUSTER_DYNAMODB is "${chosen}". Set it to dynoxide or dynamodb-local, or leave it unset.`);
}

function refuseOtherKind(folder: string, kind: DynamoDbKind): void {
  for (const [other, { dataFile }] of Object.entries(programs)) {
    if (other === kind || !existsSync(join(folder, dataFile))) continue;
    throw new Error(
      `The data in ${folder} was written by ${other}, which ${kind} cannot read. ` +
        `Set MUSTER_DYNAMODB=${other}, or choose another folder with MUSTER_DATA.`,
    );
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
      });
    });
  });
}

const startTimeoutMs = 30_000;

async function untilItAnswers(url: string, child: ChildProcess, kind: DynamoDbKind): Promise<void> {
  const start = { over: false };
  const end = child.ended.then((output) => {
    if (start.over) return;
    throw new Error(`${kind} exited during startup. Output:\n${output.trim()}`);
  });
  const answer = (async () => {
    const deadline = Date.now() + startTimeoutMs;
    while (!(await answers(url))) {
      if (Date.now() > deadline)
        throw new Error(`${kind} (process ${child.pid}) did not respond within 30 s at ${url}.`);
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

async function answers(url: string): Promise<boolean> {
  const headers = { ...engineCredentials, 'x-amz-target': 'DynamoDB_20120810.ListTables', connection: 'close' };
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-amz-json-1.0' },
      body: '{}',
    });
    return answer.ok;
  } catch {
    return false;
  }
}
