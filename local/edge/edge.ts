import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { DynamoDbAddress } from '../engines/dynamodb.ts';
import type { Queues } from '../engines/queues.ts';
import { admission } from './admission.ts';
import type { EdgeAddress } from './aws-client.ts';
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

/** Decides whether the caller may do what a call asks for. Returns the refusal if not. */
export type Authorize = (call: AwsCall) => AwsAnswer | undefined;

export interface EdgeOptions {
  dynamodb: DynamoDbAddress;
  authorize: Authorize;
  queues: Queues;
  putEvents: PutEvents;
  /** The clock of the callers, in epoch milliseconds. */
  now(): number;
}

export interface Edge extends EdgeAddress {
  readonly meter: Meter;
  /** Adds a hook around each call, inside of those that are there already. Returns its removal. */
  intercept(hook: Intercept): () => void;
  stop(): Promise<void>;
}

/** Starts the one place where all calls of the AWS SDK pass on their way to the engines: those of its own callers, as far as they are authorized. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const meter = new Meter();
  const dynamodb = serveDynamoDb(options.dynamodb, meter);
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
    return 'status' in call ? call : (options.authorize(call) ?? pass(call, wire, hooks));
  };

  const server = createServer();
  // The SDK keeps idle connections; one that closes while it is being used again costs the caller a retry.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const token = randomBytes(24).toString('base64url');
  const admit = admission(host, token);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const refusal = admit(request.headers);
    if (refusal) {
      send(response, closing(refusal), options.now());
      return;
    }
    void answer(request)
      .catch((error: unknown) => awsError('InternalFailure', `The AWS edge failed: ${String(error)}`, 500))
      .then((result) => send(response, result, options.now()));
  });

  return {
    url: `http://${host}`,
    token,
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

/** Ends the connection with it: the body of what is refused, which may be large, is never read. */
const closing = (answer: AwsAnswer): AwsAnswer => ({
  ...answer,
  headers: { ...answer.headers, connection: 'close' },
});

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
