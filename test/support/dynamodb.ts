import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, inject } from 'vitest';
import { startEdge, type Edge, type EventEntry } from '#local/edge/edge.ts';
import type { Meter } from '#local/edge/meter.ts';
import { missingFor, startDynamoDb, type DynamoDbEngine, type DynamoDbKind } from '#local/engines/dynamodb.ts';
import { startQueues, type Queues } from '#local/engines/queues.ts';

/** What a test on a real engine works with. Read its properties inside of tests: they are set when the test starts. */
export interface EngineContext<Tables> {
  engine: Pick<DynamoDbEngine, 'url' | 'trimStream' | 'stop'>;
  queues: Queues;
  edge: Edge;
  meter: Meter;
  /** Events that were put, in order. */
  events: EventEntry[];
  client: DynamoDBClient;
  documentClient: DynamoDBDocumentClient;
  /** What `createTables` made for this test alone. */
  tables: Tables;
}

/** Makes the tables of one test; all their names begin with the prefix. */
export type CreateTables<Tables> = (client: DynamoDBClient, prefix: string) => Promise<Tables>;

const kinds: DynamoDbKind[] = ['dynoxide', 'dynamodb-local'];

/** Declares a suite for each DynamoDB engine; one that this machine cannot run is skipped, with the reason in its title. */
export function describeEachEngine(title: string, suite: (kind: DynamoDbKind) => void): void {
  for (const kind of kinds) {
    const missing = missingFor(kind);
    const reason = missing === undefined ? '' : ` (skipped: ${missing})`;
    describe.skipIf(missing)(`${title}, on ${kind}${reason}`, () => suite(kind));
  }
}

/** Runs a suite on each DynamoDB engine, through an edge. */
export function describeOnBothEngines<Tables>(
  title: string,
  createTables: CreateTables<Tables>,
  suite: (context: EngineContext<Tables>, kind: DynamoDbKind) => void,
): void {
  describeEachEngine(title, (kind) => suite(engineContext(kind, createTables), kind));
}

/** Configuration of an AWS client that calls an endpoint under the name of a function. */
export function clientOf(endpoint: string, caller = 'Test') {
  const credentials = { accessKeyId: caller, secretAccessKey: 'none' };
  return { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
}

/** DynamoDB at an endpoint, for `awsClient`. */
export const dynamoDbAt = (endpoint: string) =>
  class extends DynamoDBClient {
    constructor(settings: object) {
      super({ ...clientOf(endpoint), ...settings });
    }
  };

type Running = Omit<EngineContext<undefined>, 'tables'>;

// Engines are started once in a test file, by the first suite that needs them.
const running = new Map<DynamoDbKind, Promise<Running>>();
// Other files make tables in the same engine.
const file = randomUUID().slice(0, 8);
let testsSoFar = 0;

afterAll(async () => {
  for (const { client, edge, queues, engine } of await Promise.all(running.values())) {
    client.destroy();
    await edge.stop();
    await queues.stop();
    await engine.stop();
  }
});

function engineContext<Tables>(kind: DynamoDbKind, createTables: CreateTables<Tables>): EngineContext<Tables> {
  // Filled before each test: a suite is declared before its engine runs.
  const context = {} as EngineContext<Tables>;

  beforeAll(async () => {
    const started = running.get(kind) ?? start(kind);
    running.set(kind, started);
    Object.assign(context, await started);
  });

  beforeEach(async () => {
    testsSoFar += 1;
    context.tables = await createTables(context.client, `t${file}-${testsSoFar}-`);
  });

  return context;
}

/** The engine that all files share, if there is one of this kind, or one of this file's own. */
async function engineOf(kind: DynamoDbKind): Promise<Pick<DynamoDbEngine, 'url' | 'trimStream' | 'stop'>> {
  const shared = kind === 'dynamodb-local' ? inject('dynamodbLocalUrl') : undefined;
  if (shared === undefined) return startDynamoDb({ kind });
  return { url: shared, trimStream: () => undefined, stop: () => Promise.resolve() };
}

async function start(kind: DynamoDbKind): Promise<Running> {
  const engine = await engineOf(kind);
  const queues = await startQueues();
  const events: EventEntry[] = [];
  const edge = await startEdge({
    dynamodbUrl: engine.url,
    queues,
    putEvents: (entries) => {
      events.push(...entries);
      return Promise.resolve(entries.map(() => ({ EventId: randomUUID() })));
    },
    now: Date.now,
  });
  const client = new DynamoDBClient(clientOf(edge.url));
  const documentClient = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return { engine, queues, edge, meter: edge.meter, events, client, documentClient };
}
