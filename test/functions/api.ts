import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { DynamoDbAccessKeys } from '#shared/adapters/access-keys.ts';
import { Table } from '#shared/adapters/table.ts';
import { operations, type OperationName } from '#shared/contract/operations.ts';
import type { Problem } from '#shared/contract/problem.ts';
import type { AccessKeyRequest } from '#shared/domain/access-key.ts';
import { env } from '#shared/env.ts';
import type { Identity } from '#shared/operations/keys/authenticate.ts';
import { addAccessKey } from '#shared/operations/keys/create-key.ts';
import { startDynamoDb } from '#local/engines/dynamodb.ts';
import { startQueues } from '#local/engines/queues.ts';
import { startEdge } from '#local/edge/edge.ts';
import { vi } from 'vitest';
import { allowAll } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';

/** A request of a test; omitted parts are as an ordinary client would send them. */
export interface Request {
  path?: Record<string, string>;
  /** Without the question mark, in wire format. */
  query?: string;
  headers?: Record<string, string>;
  /** Text and bytes are sent unchanged, anything else as JSON. */
  body?: unknown;
  /** The authorizer's result in the context; absent: no context at all. */
  identity?: Identity | undefined;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** The parsed body. */
  body: Problem & Record<string, unknown>;
}

export const admin: Identity = { keyId: 'admin0000000', role: 'admin' };

/** The parts of the Lambda context that the pipelines use. */
export const context = {
  functionName: 'test',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:test',
  memoryLimitInMB: '128',
  awsRequestId: 'invocation-1',
} as Context;

/** The event that API Gateway creates for a request of an operation. */
export function eventOf(operation: OperationName, request: Request) {
  const { path, query = '', body, headers = { 'content-type': 'application/json' } } = request;
  const identity = 'identity' in request ? request.identity : admin;
  const routeKey = operations.find(({ name }) => name === operation)?.route ?? '';
  return {
    version: '2.0',
    routeKey,
    rawPath: routeKey.split(' ')[1] ?? '',
    rawQueryString: query,
    headers,
    ...(path && { pathParameters: path }),
    requestContext: { requestId: 'request-1', ...(identity && { authorizer: { lambda: identity } }) },
    ...bodyOf(body),
  };
}

function bodyOf(body: unknown): { body?: string; isBase64Encoded: boolean } {
  if (body === undefined) return { isBase64Encoded: false };
  if (body instanceof Uint8Array) return { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
  return { body: typeof body === 'string' ? body : JSON.stringify(body), isBase64Encoded: false };
}

export const answerOf = ({ statusCode, headers, body }: APIGatewayProxyStructuredResultV2): Answer => ({
  status: statusCode ?? 0,
  headers: headers as Record<string, string>,
  body: JSON.parse(body ?? 'null') as Answer['body'],
});

/** The functions of the HTTP API, in this process, on their own engine. */
export async function startFunctions() {
  const logged: string[] = [];
  const outputs = [process.stdout, process.stderr].map((output) =>
    vi.spyOn(output, 'write').mockImplementation((line) => logged.push(String(line)) > 0),
  );
  const engine = await startDynamoDb();
  const queues = await startQueues();
  const edge = await startEdge({
    dynamodb: engine,
    authorize: allowAll,
    queues,
    putEvents: () => Promise.resolve([]),
    now: Date.now,
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: edge.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'Test',
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_SESSION_TOKEN: edge.token,
    POWERTOOLS_METRICS_NAMESPACE: 'Muster',
  });
  const client = new DynamoDBClient();
  const tables = await createMusterTables(client, 'test-');
  const sqs = new SQSClient();
  await sqs.send(new CreateQueueCommand({ QueueName: 'ready' }));
  sqs.destroy();
  process.env[env.readyQueueUrl] = `${edge.url}/000000000000/ready`;
  process.env[env.tasksTable] = tables.tasks;
  process.env[env.agentsTable] = tables.agents;

  // Imported only now, because the functions connect when they are loaded, according to the environment.
  const { handler: api } = await import('../../functions/api.ts');
  const { handler: authorize } = await import('../../functions/authorize.ts');
  const accessKeys = new DynamoDbAccessKeys(new Table(client, tables.agents));

  return {
    edge,
    accessKeys,
    /** All lines that the functions have logged. */
    logged,
    call: async (operation: OperationName, request: Request = {}): Promise<Answer> => {
      const event = eventOf(operation, request) as unknown as Parameters<typeof api>[0];
      return answerOf(await api(event, context));
    },
    /** The authorizer's result for a header. */
    identify: async (authorization: string): Promise<Identity> => {
      const event = { headers: { authorization } } as unknown as Parameters<typeof authorize>[0];
      const { isAuthorized, context: identity } = await authorize(event, context);
      if (!isAuthorized) throw new Error('the authorizer must let every key through and name its refusal');
      return identity;
    },
    makeKey: (request: AccessKeyRequest, now = Date.now()) =>
      addAccessKey({ accessKeys, clock: { now: () => now } }, request),
    /** All items of both tables. */
    everything: async () => {
      const items: Record<string, unknown>[] = [];
      for (const TableName of [tables.tasks, tables.agents]) {
        for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
          items.push(...Items.map((item) => unmarshall(item)));
        }
      }
      return items;
    },
    stop: async () => {
      for (const output of outputs) output.mockRestore();
      client.destroy();
      await edge.stop();
      await queues.stop();
      await engine.stop();
    },
  };
}

export type Functions = Awaited<ReturnType<typeof startFunctions>>;
