import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, inject, test as base } from 'vitest';
import { clientSettings, type EdgeAddress } from '#local/edge/aws-client.ts';
import { startEdge, type Authorize, type Edge, type EventEntry } from '#local/edge/edge.ts';
import type { Meter } from '#local/edge/meter.ts';
import {
  chosenKind,
  missingFor,
  startDynamoDb,
  type DynamoDbEngine,
  type DynamoDbKind,
} from '#local/engines/dynamodb.ts';
import { startQueues, type Queues } from '#local/engines/queues.ts';

type SharableEngine = Pick<DynamoDbEngine, 'url' | 'keyId' | 'trimStream' | 'stop'>;

/** The context of a test on a real engine. Read its properties inside tests: they are set when a test starts. */
export interface EngineContext<Tables> {
  engine: SharableEngine;
  queues: Queues;
  edge: Edge;
  meter: Meter;
  /** Events put so far, in order. */
  events: EventEntry[];
  client: DynamoDBClient;
  documentClient: DynamoDBDocumentClient;
  /** The tables that `createTables` made for this test. */
  tables: Tables;
}

/** Creates the tables of one test; all names begin with the prefix. */
export type CreateTables<Tables> = (client: DynamoDBClient, prefix: string) => Promise<Tables>;

/**
 * Declares a suite for the engine of this run: `.ci/run` runs all suites on one engine and then on the other. If this
 * machine cannot run the engine, the suite is skipped, with the reason in its title.
 */
export function describeEngine(title: string, suite: (kind: DynamoDbKind) => void): void {
  const kind = chosenKind();
  const missing = missingFor(kind);
  const reason = missing === undefined ? '' : ` (skipped: ${missing})`;
  describe.skipIf(missing)(`${title}, on ${kind}${reason}`, () => suite(kind));
}

/** The same through an edge, with tables for each test. */
export function describeOnEngine<Tables>(
  title: string,
  createTables: CreateTables<Tables>,
  suite: (context: EngineContext<Tables>, kind: DynamoDbKind) => void,
): void {
  describeEngine(title, (kind) => suite(engineContext(kind, createTables), kind));
}

/** For an edge without a template, and so without roles. */
export const allowAll: Authorize = () => undefined;

/** Configuration of an AWS client that calls an edge as a function. */
export const clientOf = (edge: EdgeAddress, caller = 'Test') => clientSettings(edge, caller);

/** DynamoDB behind an edge, for `awsClient`. */
export const dynamoDbAt = (edge: EdgeAddress) =>
  class extends DynamoDBClient {
    constructor(settings: object) {
      super({ ...clientOf(edge), ...settings });
    }
  };

type Running = Omit<EngineContext<undefined>, 'tables'>;
type OnCleanup = (stop: () => Promise<void>) => void;

/** An engine runs from the first suite of a vitest process that needs it until the end of the process. */
const withEngines = base
  // eslint-disable-next-line no-empty-pattern -- vitest reads the dependencies of a fixture from this pattern
  .extend('dynoxide', { scope: 'worker' }, ({}, { onCleanup }) => start('dynoxide', onCleanup))
  // eslint-disable-next-line no-empty-pattern -- as above
  .extend('dynamodbLocal', { scope: 'worker' }, ({}, { onCleanup }) => start('dynamodb-local', onCleanup));

/** Runs this before the tests of a suite, with an engine. */
const beforeTestsOn = {
  dynoxide: (use: (running: Running) => void) => withEngines.beforeAll(({ dynoxide }) => use(dynoxide)),
  'dynamodb-local': (use: (running: Running) => void) =>
    withEngines.beforeAll(({ dynamodbLocal }) => use(dynamodbLocal)),
} as const;

// Other processes create tables in the same DynamoDB Local, and other files in the same dynoxide.
const processId = randomUUID().slice(0, 8);
let testsSoFar = 0;

/** Undoes what tests changed on the edge, which other files of this process use too. */
const restores: (() => void)[] = [];

function engineContext<Tables>(kind: DynamoDbKind, createTables: CreateTables<Tables>): EngineContext<Tables> {
  // Filled before each test: a suite is declared before its engine runs.
  const context = {} as EngineContext<Tables>;
  beforeTestsOn[kind]((running) => void Object.assign(context, running));
  beforeEach(async () => {
    testsSoFar += 1;
    context.tables = await createTables(context.client, `t${processId}-${testsSoFar}-`);
  });
  afterEach(() => {
    for (const restore of restores.splice(0)) restore();
  });
  return context;
}

/** The engine shared by all files, if there is one of this kind, or else one for this file. */
async function engineOf(kind: DynamoDbKind): Promise<SharableEngine> {
  const shared = kind === 'dynamodb-local' ? inject('dynamodbLocal') : undefined;
  if (shared === undefined) return startDynamoDb({ kind });
  return { ...shared, trimStream: () => undefined, stop: () => Promise.resolve() };
}

async function start(kind: DynamoDbKind, onCleanup: OnCleanup): Promise<Running> {
  const engine = await engineOf(kind);
  const queues = await startQueues();
  const events: EventEntry[] = [];
  const edge = await startEdge({
    dynamodb: engine,
    authorize: allowAll,
    queues,
    putEvents: (entries) => {
      events.push(...entries);
      return Promise.resolve(entries.map(() => ({ EventId: randomUUID() })));
    },
    now: Date.now,
  });
  const client = new DynamoDBClient(clientOf(edge));
  const documentClient = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  onCleanup(async () => {
    client.destroy();
    await edge.stop();
    await queues.stop();
    await engine.stop();
  });
  const restoredEdge: Edge = {
    ...edge,
    intercept(hook) {
      const restore = edge.intercept(hook);
      restores.push(restore);
      return restore;
    },
  };
  return { engine, queues, edge: restoredEdge, meter: edge.meter, events, client, documentClient };
}
