import { setTimeout as delay } from 'node:timers/promises';
import { callEdge } from '../edge/call-edge.ts';
import type { Outcome } from '../host/instance.ts';
import { Semaphore } from '../host/semaphore.ts';
import type { Resource } from '../template/template.ts';
import { region } from '../template/aws.ts';
import { readBatchAnswer } from './batch-outcome.ts';
import type { Mapping, Source, SourceSettings } from './source.ts';

const maxReceive = 10;
const longPollSeconds = 20;
const receiveRetryMs = 250;
const defaultVisibilitySeconds = 30;
/** As many as a function has instances: more batches would only wait for one while their visibility timeout runs. */
const concurrency = 4;

/** A received message in wire format. */
interface Message {
  MessageId?: string;
  ReceiptHandle?: string;
  Body?: string;
  MD5OfBody?: string;
  Attributes?: Record<string, string>;
  MessageAttributes?: Record<string, { DataType?: string; StringValue?: string; BinaryValue?: string }>;
}

/**
 * Delivers a queue's messages to a function in batches, a few at a time. Handled messages are deleted. Failed ones stay
 * until their visibility timeout; in the end, the queue itself moves them to its dead-letter queue.
 */
export class QueueSource implements Source {
  readonly #mapping: Mapping;
  readonly #queue: Resource<'AWS::SQS::Queue'>;
  readonly #settings: SourceSettings;
  /** Lambda's pollers act in the role of the function. */
  readonly #caller: string;
  readonly #stopping = new AbortController();
  readonly #permits: Semaphore;
  readonly #batches = new Set<Promise<void>>();
  /** Failed messages and when they become visible again: in flight, but not being handled. */
  readonly #waiting = new Map<string, number>();
  readonly #running: Promise<void>;

  constructor(mapping: Mapping, queue: Resource<'AWS::SQS::Queue'>, settings: SourceSettings) {
    const { properties, logicalId } = mapping;
    if (properties.FilterCriteria)
      throw new Error(
        `${logicalId} filters a queue, which local/ does not support. Add it to local/sources/queue-source.ts.`,
      );
    this.#mapping = mapping;
    this.#queue = queue;
    this.#settings = settings;
    this.#caller = settings.template.get('AWS::Lambda::Function', properties.FunctionName, logicalId).logicalId;
    this.#permits = new Semaphore(Math.min(concurrency, properties.ScalingConfig?.MaximumConcurrency ?? concurrency));
    this.#running = this.#poll();
  }

  async backlog(): Promise<string | undefined> {
    const { visible, inFlight } = await this.#count();
    const now = this.#settings.clock.now();
    for (const [id, until] of this.#waiting) if (until <= now) this.#waiting.delete(id);
    const busy = Math.max(0, inFlight - this.#waiting.size);
    const name = this.#queue.attributes['QueueName'] ?? '';
    return visible + busy === 0 ? undefined : `${name} has ${visible} messages and ${busy} in flight`;
  }

  wake(): void {
    // The queue itself ends a long poll when moving the clock makes a message visible.
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all(this.#batches);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#permits.acquire();
      const messages = await this.#collect().catch((error: unknown) => {
        if (!signal.aborted)
          this.#settings.warn(`Receiving from ${this.#queue.ref} failed, retrying: ${String(error)}`);
        return undefined;
      });
      if (messages === undefined) await delay(receiveRetryMs, undefined, { signal }).catch(() => undefined);
      const batch = this.#handle(messages ?? []).finally(() => {
        this.#permits.release();
        this.#batches.delete(batch);
      });
      this.#batches.add(batch);
    }
  }

  /** One batch: what is there now, plus what arrives within the batching window. */
  async #collect(): Promise<Message[]> {
    const { BatchSize = 10, MaximumBatchingWindowInSeconds } = this.#mapping.properties;
    const messages = await this.#receive(Math.min(BatchSize, maxReceive), longPollSeconds);
    const closesAt = performance.now() + MaximumBatchingWindowInSeconds * 1000;
    while (messages.length > 0 && messages.length < BatchSize && !this.#stopping.signal.aborted) {
      const secondsLeft = Math.ceil((closesAt - performance.now()) / 1000);
      if (secondsLeft <= 0) break;
      const count = Math.min(BatchSize - messages.length, maxReceive);
      messages.push(...(await this.#receive(count, Math.min(secondsLeft, longPollSeconds))));
    }
    return messages;
  }

  async #receive(count: number, seconds: number): Promise<Message[]> {
    const request = {
      QueueUrl: this.#queue.ref,
      MaxNumberOfMessages: count,
      WaitTimeSeconds: seconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    };
    const { signal } = this.#stopping;
    const { Messages = [] } = await this.#call<{ Messages?: Message[] }>('ReceiveMessage', request, signal);
    return Messages;
  }

  async #handle(messages: Message[]): Promise<void> {
    if (messages.length === 0) return;
    const { clock, invoke, warn } = this.#settings;
    const { EventSourceArn, FunctionName, FunctionResponseTypes } = this.#mapping.properties;
    const visibleAgain = clock.now() + (this.#queue.properties.VisibilityTimeout ?? defaultVisibilitySeconds) * 1000;
    for (const { MessageId = '' } of messages) this.#waiting.delete(MessageId);

    const outcome: Outcome = await invoke(FunctionName, {
      Records: messages.map((message) => recordOf(message, EventSourceArn)),
    });
    const ids = messages.map(({ MessageId = '' }) => MessageId);
    const { failed } = readBatchAnswer(outcome, ids, FunctionResponseTypes.includes('ReportBatchItemFailures'));
    const hasFailed = ({ MessageId = '' }: Message): boolean => failed === 'all' || failed.has(MessageId);
    for (const { MessageId = '' } of messages.filter(hasFailed)) this.#waiting.set(MessageId, visibleAgain);
    // A message that could not be deleted is delivered again, as on AWS.
    await this.#delete(messages.filter((message) => !hasFailed(message))).catch((error: unknown) =>
      warn(`Deleting from ${this.#queue.ref} failed: ${String(error)}`),
    );
  }

  async #delete(messages: Message[]): Promise<void> {
    for (let at = 0; at < messages.length; at += maxReceive) {
      const Entries = messages
        .slice(at, at + maxReceive)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await this.#call('DeleteMessageBatch', { QueueUrl: this.#queue.ref, Entries });
    }
  }

  #call<Answer>(action: string, request: object, signal?: AbortSignal): Promise<Answer> {
    return callEdge<Answer>(this.#settings.edge, this.#caller, `AmazonSQS.${action}`, request, signal);
  }

  /** Asks the engine directly, since the edge would meter the call. */
  async #count(): Promise<{ visible: number; inFlight: number }> {
    const { edge, queues } = this.#settings;
    const { body } = await queues.send({
      headers: {
        host: new URL(edge.url).host,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.GetQueueAttributes',
      },
      body: JSON.stringify({ QueueUrl: this.#queue.ref, AttributeNames: ['All'] }),
    });
    const { Attributes = {} } = JSON.parse(body) as { Attributes?: Record<string, string> };
    return {
      visible: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
      inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
    };
  }
}

function recordOf(message: Message, eventSourceArn: string): unknown {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
    name,
    {
      stringValue: value.StringValue,
      binaryValue: value.BinaryValue,
      stringListValues: [],
      binaryListValues: [],
      dataType: value.DataType,
    },
  ]);
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(attributes) as unknown,
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: eventSourceArn,
    awsRegion: region,
  };
}
