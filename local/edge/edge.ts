import { randomBytes } from 'node:crypto';
import type { DynamoDbAddress } from '../engines/dynamodb.ts';
import type { Queues } from '../engines/queues.ts';
import { admission } from './admission.ts';
import type { EdgeAddress } from './aws-client.ts';
import { awsError, type AwsAnswer, type AwsBackend, type AwsCall, type AwsService, type WireRequest } from './call.ts';
import { serveDynamoDb } from './dynamodb.ts';
import { serveEvents, type PutEvents } from './events.ts';
import { dateHeader, listen } from './listen.ts';
import { Meter } from './meter.ts';
import { parse } from './parse.ts';
import { serveQueues } from './queues.ts';

export type { AwsAnswer, AwsCall, AwsService } from './call.ts';
export type { EventEntry, PutEvents, PutEventsResult } from './events.ts';

/**
 * Wraps calls: it can respond in their place, change what `next` returns, pass `next` another body, or return
 * undefined, which cuts the connection, so that the response is lost. The meter counts what reaches an engine.
 */
export type Intercept = (
  call: AwsCall,
  next: (body?: AwsCall['body']) => Promise<AwsAnswer | undefined>,
) => Promise<AwsAnswer | undefined>;

/**
 * Decides whether the caller may make a call.
 * @returns the refusal if not
 */
export type Authorize = (call: AwsCall) => AwsAnswer | undefined;

export interface EdgeOptions {
  dynamodb: DynamoDbAddress;
  authorize: Authorize;
  queues: Queues;
  putEvents: PutEvents;
  /** Epoch milliseconds by the callers' clock. */
  now(): number;
}

export interface Edge extends EdgeAddress {
  readonly meter: Meter;
  /**
   * Responds to a request as over HTTP, but without a socket.
   * @returns undefined if the connection would have been cut
   */
  request(wire: WireRequest): Promise<AwsAnswer | undefined>;
  /**
   * Adds a hook around each call, inside the existing ones.
   * @returns a function that removes it
   */
  intercept(hook: Intercept): () => void;
  stop(): Promise<void>;
}

/**
 * Starts the edge, which all AWS SDK calls pass through on their way to the engines. It admits only its own callers,
 * and only calls they are authorized to make.
 */
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

  const callHooks = (
    call: AwsCall,
    wire: WireRequest,
    [hook, ...inner]: Intercept[],
  ): Promise<AwsAnswer | undefined> => {
    if (!hook) return backends[call.service](call, wire);
    return hook(call, (body) =>
      body === undefined
        ? callHooks(call, wire, inner)
        : callHooks({ ...call, body }, { ...wire, text: JSON.stringify(body) }, inner),
    );
  };

  const serve = async (wire: WireRequest): Promise<AwsAnswer | undefined> => {
    try {
      const call = parse(wire);
      return 'status' in call ? call : (options.authorize(call) ?? (await callHooks(call, wire, hooks)));
    } catch (error) {
      return awsError('InternalFailure', `The AWS edge failed: ${String(error)}`, 500);
    }
  };

  const token = randomBytes(24).toString('base64url');
  const server = await listen({ admissionOf: (host) => admission(host, token), serve, now: () => options.now() });
  const admit = admission(server.host, token);

  return {
    url: `http://${server.host}`,
    token,
    meter,
    async request(wire) {
      const answer = admit(wire.headers) ?? (await serve(wire));
      return answer && { ...answer, headers: { ...answer.headers, ...dateHeader(options.now()) } };
    },
    intercept(hook) {
      hooks = [...hooks, hook];
      return () => {
        hooks = hooks.filter((other) => other !== hook);
      };
    },
    async stop() {
      dynamodb.close();
      await server.close();
    },
  };
}
