import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Queues } from '../engines/queues.ts';
import { awsError, type AwsAnswer, type AwsBackend, type AwsCall, type AwsService, type WireRequest } from './call.ts';
import { serveDynamoDb } from './dynamodb.ts';
import { serveEvents, type PutEvents } from './events.ts';
import { Meter } from './meter.ts';
import { serveQueues } from './queues.ts';

export type { AwsAnswer, AwsCall, AwsService } from './call.ts';
export type { EventEntry, PutEvents, PutEventsResult } from './events.ts';

/**
 * Goes around calls: answers in their place, changes what `next` answers, has `next` send another body, or returns undefined,
 * which cuts the connection, so that the answer is lost. The meter counts what comes through to an engine.
 */
export type Intercept = (
  call: AwsCall,
  next: (body?: AwsCall['body']) => Promise<AwsAnswer | undefined>,
) => Promise<AwsAnswer | undefined>;

export interface EdgeOptions {
  dynamodbUrl: string;
  queues: Queues;
  putEvents: PutEvents;
  /** The clock of the callers, in epoch milliseconds. */
  now(): number;
}

export interface Edge {
  /** `http://127.0.0.1:<port>`: AWS_ENDPOINT_URL of the callers. */
  readonly url: string;
  readonly meter: Meter;
  /** Adds a hook around each call, inside of those that are there already. Returns its removal. */
  intercept(hook: Intercept): () => void;
  stop(): Promise<void>;
}

/** Starts the one door through which all calls of the AWS SDK pass on their way to the engines. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const meter = new Meter();
  const dynamodb = serveDynamoDb(options.dynamodbUrl, meter);
  const backends: Record<AwsService, AwsBackend> = {
    dynamodb: dynamodb.serve,
    dynamodbstreams: dynamodb.serve,
    sqs: serveQueues(options.queues, meter),
    events: serveEvents(options.putEvents, meter),
  };
  let hooks: Intercept[] = [];

  const pass = (call: AwsCall, wire: WireRequest, [hook, ...inner]: Intercept[]): Promise<AwsAnswer | undefined> => {
    if (!hook) return backends[call.service](call, wire);
    return hook(call, (body) =>
      body === undefined
        ? pass(call, wire, inner)
        : pass({ ...call, body }, { ...wire, text: JSON.stringify(body) }, inner),
    );
  };

  const answer = async (request: IncomingMessage): Promise<AwsAnswer | undefined> => {
    const wire = { headers: request.headers, text: await text(request) };
    const call = parse(wire);
    return 'status' in call ? call : pass(call, wire, hooks);
  };

  const server = createServer((request, response) => {
    void answer(request)
      .catch((error: unknown) => awsError('InternalFailure', `The AWS edge failed: ${String(error)}`, 500))
      .then((result) => send(response, result, options.now()));
  });
  // The SDK keeps idle connections; one that closes while it is being used again costs the caller a retry.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    meter,
    intercept(hook) {
      hooks = [...hooks, hook];
      return () => {
        hooks = hooks.filter((other) => other !== hook);
      };
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      dynamodb.close();
      await once(server, 'close');
    },
  };
}

const services: Record<string, AwsService> = {
  DynamoDB_20120810: 'dynamodb',
  DynamoDBStreams_20120810: 'dynamodbstreams',
  AmazonSQS: 'sqs',
  AWSEvents: 'events',
};

function parse({ headers, text }: WireRequest): AwsCall | AwsAnswer {
  const target = String(headers['x-amz-target'] ?? 'a request without X-Amz-Target');
  const [prefix = '', action = ''] = target.split('.');
  const service = services[prefix];
  if (!service) {
    return awsError(
      'UnknownOperationException',
      `The AWS edge does not support ${target}, only DynamoDB, SQS and PutEvents.`,
    );
  }
  const caller = /Credential=([^/,\s]+)/.exec(headers.authorization ?? '')?.[1];
  if (caller === undefined) return awsError('MissingAuthenticationTokenException', 'The request is not signed.');
  const body = parseObject(text);
  if (!body) return awsError('SerializationException', 'The body is not a JSON object.');
  const operation = headers['x-muster-operation'];
  return { caller, service, action, body, operation: typeof operation === 'string' ? operation : undefined };
}

function parseObject(text: string): AwsCall['body'] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as AwsCall['body']) : undefined;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, answer: AwsAnswer | undefined, now: number): void {
  if (!answer) return void response.destroy();
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': Buffer.byteLength(answer.body),
    // The SDK takes a clock that differs from this one by minutes for wrong, and repeats failed calls with its own corrected.
    date: new Date(now).toUTCString(),
  });
  response.end(answer.body);
}
