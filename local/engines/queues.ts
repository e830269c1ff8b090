import { buildApp } from 'fauxqs';
import { SqsStore, type Stores } from './sqs-store.ts';

export interface QueueRequest {
  headers: Record<string, string>;
  body: string;
}

export interface QueueResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** SQS in this process; nothing is kept when the process ends. */
export interface Queues {
  /** Answers a request of the SQS JSON protocol. Queue URLs are based on the request's Host header. */
  send(request: QueueRequest): Promise<QueueResponse>;
  /** Moves the clock forward: delays and visibility timeouts that have now expired end at once. */
  advance(milliseconds: number): void;
  stop(): Promise<void>;
}

/** Starts SQS without a socket. */
export async function startQueues(): Promise<Queues> {
  const store = newStore();
  // fauxqs creates the stores that it is not given.
  const app = buildApp({ logger: false, stores: { sqsStore: store } as Stores });
  await app.ready();
  let moved = 0;

  return {
    async send({ headers, body }) {
      const answer = await app.inject({ method: 'POST', url: '/', headers, payload: body });
      return {
        status: answer.statusCode,
        headers: answer.headers as Record<string, string>,
        body: moved === 0 ? answer.body : withMovedTimes(answer.body, moved),
      };
    },
    advance(milliseconds) {
      moved += milliseconds;
      age(store, milliseconds);
    },
    stop: () => app.close(),
  };
}

/**
 * The package exports no clock, and only the store knows when messages are due. With our own store, queue URLs can also
 * be those of the caller's endpoint: a store without a host uses the request's.
 */
function newStore(): SqsStore {
  const store = new SqsStore();
  store.host = '';
  return store;
}

/** fauxqs stays on real time, so moving the clock forward means moving all of its timestamps into the past. */
function age(store: SqsStore, milliseconds: number): void {
  for (const queue of store.allQueues()) {
    const { ready, delayed, inflight } = queue.inspectMessages();
    for (const message of [...ready, ...delayed, ...inflight.map((entry) => entry.message)]) {
      message.sentTimestamp -= milliseconds;
      if (message.approximateFirstReceiveTimestamp) message.approximateFirstReceiveTimestamp -= milliseconds;
      if (message.delayUntil) message.delayUntil -= milliseconds;
    }
    for (const entry of queue.inflightMessages.values()) entry.visibilityDeadline -= milliseconds;
  }
  store.processAllTimers();
}

/** Times in received messages, adjusted to the moved clock. */
function withMovedTimes(body: string, milliseconds: number): string {
  if (!body.includes('Timestamp"')) return body;
  const answer = JSON.parse(body) as { Messages?: { Attributes?: Record<string, string> }[] };
  for (const { Attributes: attributes } of answer.Messages ?? []) {
    for (const name of ['SentTimestamp', 'ApproximateFirstReceiveTimestamp']) {
      const time = attributes?.[name];
      if (attributes && time !== undefined) attributes[name] = String(Number(time) + milliseconds);
    }
  }
  return JSON.stringify(answer);
}
