/**
 * `node bench/creates.ts`: the cost of a create_task with one write, relative to the same write by a bare handler, once
 * both are warm. It measures the CPU time of processes that alternate and call the same engine, whose own time does not
 * count; the median of five rounds. Compare ratios within a run, not times between runs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { bundlePath } from '#infra/bundle-path.ts';
import { engineClientSettings, startDynamoDb } from '#local/engines/dynamodb.ts';
import { bundleFunctions } from '#scripts/bundle.ts';
import { env } from '#shared/env.ts';
import { primaryKey } from '#shared/schema.ts';
import { bundleBare, median, printRatio } from './over-bare.ts';

const rounds = 5;
const budget = 1.35;

/**
 * After how many requests the next 500 are measured: V8 still compiles after the first thousand, more so with more
 * code.
 */
const after = [1_000, 5_000];

/** Handles the same event repeatedly and prints how many microseconds the measured ones took on average. */
const timed = `
  const [file, event] = process.argv.slice(1);
  const { handler } = await import(file);
  const context = { functionName: 'api', invokedFunctionArn: 'arn', awsRequestId: '1', getRemainingTimeInMillis: () => 29_000 };
  const handle = async (times) => {
    for (let n = 0; n < times; n += 1) {
      const { statusCode, body } = await handler(JSON.parse(event), context);
      if (statusCode !== 201) throw new Error(body);
    }
  };
  let handled = 0;
  const costs = [];
  for (const warm of ${JSON.stringify(after)}) {
    await handle(warm - handled);
    const before = process.cpuUsage();
    await handle(500);
    const { user, system } = process.cpuUsage(before);
    handled = warm + 500;
    costs.push((user + system) / 500);
  }
  process.stderr.write(JSON.stringify(costs));`;

const create = {
  routeKey: 'POST /v1/tasks',
  rawQueryString: '',
  headers: { 'content-type': 'application/json' },
  requestContext: { requestId: '1', authorizer: { lambda: { keyId: 'producer0000', role: 'producer' } } },
  isBase64Encoded: false,
  // With routing=auto, a message to the router would be sent as well.
  body: JSON.stringify({
    content: 'Summarize what the survey found',
    requirements: ['python', 'web'],
    routing: 'manual',
  }),
};

const folder = mkdtempSync(path.join(tmpdir(), 'muster-creates-'));
const engine = await startDynamoDb();
const client = new DynamoDBClient(engineClientSettings(engine));
const environment = {
  AWS_ENDPOINT_URL: engine.url,
  AWS_ACCESS_KEY_ID: engine.keyId,
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_REGION: 'us-east-1',
  NODE_ENV: 'production',
  POWERTOOLS_METRICS_NAMESPACE: 'Muster',
  [env.tasksTable]: 'tasks',
  [env.agentsTable]: 'agents',
};

/** Microseconds that a process spends per event, by how warm it is. */
function costsOf(file: string, event: object): number[] {
  const code = ['--input-type=module', '-e', timed, pathToFileURL(file).href, JSON.stringify(event)];
  const { stderr } = spawnSync(process.execPath, code, {
    encoding: 'utf8',
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (!stderr.startsWith('[')) throw new Error(`${file} fails: ${stderr.slice(-1000)}`);
  return JSON.parse(stderr) as number[];
}

try {
  await bundleFunctions();
  const keys = Object.values(primaryKey);
  for (const TableName of ['tasks', 'agents']) {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: keys.map((AttributeName, n) => ({ AttributeName, KeyType: n === 0 ? 'HASH' : 'RANGE' })),
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      }),
    );
  }
  const api = path.join(bundlePath('api'), 'index.mjs');
  costsOf(api, create);
  const { Items: [item] = [] } = await client.send(new ScanCommand({ TableName: 'tasks', Limit: 1 }));
  const bare = await bundleBare('bare-create', folder);
  const costs = Array.from({ length: rounds }, () => ({
    bare: costsOf(bare, { body: JSON.stringify({ item }) }),
    api: costsOf(api, create),
  }));
  for (const [n, warm] of after.entries()) {
    const medianOf = (name: 'bare' | 'api') => median(costs.map((round) => round[name][n] ?? 0));
    printRatio(`create_task, after ${warm}`, medianOf('api') / medianOf('bare'), budget);
  }
} finally {
  client.destroy();
  await engine.stop();
  rmSync(folder, { recursive: true });
}
