import type { SendMessageBatchRequest, SendMessageRequest } from '@aws-sdk/client-sqs';
import type { Chance } from '../../support/random.ts';
import type { Deployment, QueueDefinition } from '../deployment.ts';
import type { Functions } from '../kernel/functions.ts';
import type { Scheduler } from '../kernel/scheduler.ts';

export interface Message {
  id: string;
  body: string;
  receives: number;
  visibleAt: number;
}

interface Queue {
  definition: QueueDefinition;
  messages: Message[];
  /** Polls for messages if a function handles them, and the time of the next poll. */
  poll: (() => void) | undefined;
  pollsAt: number;
}

export interface QueueFaults {
  /** Shares of the messages that are lost, duplicated and delayed. */
  loses: number;
  repeats: number;
  delays: number;
  /** Share of the entries of a batch that are refused. */
  refuses: number;
}

/** The queues, and the mappings that deliver their messages to functions: in any order, at least once if at all. */
export class Queues {
  readonly #queues = new Map<string, Queue>();
  readonly #faults: () => QueueFaults;
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  #sent = 0;

  constructor(
    queues: readonly QueueDefinition[],
    settings: { scheduler: Scheduler; chance: Chance; faults: () => QueueFaults },
  ) {
    for (const definition of queues)
      this.#queues.set(definition.url, { definition, messages: [], poll: undefined, pollsAt: 0 });
    this.#faults = settings.faults;
    this.#scheduler = settings.scheduler;
    this.#chance = settings.chance;
  }

  messagesOf(url: string): readonly Message[] {
    return this.#queue(url).messages;
  }

  send({ QueueUrl, MessageBody, DelaySeconds }: SendMessageRequest): object {
    this.#add(QueueUrl ?? '', MessageBody ?? '', DelaySeconds);
    return { MessageId: `message-${this.#sent}` };
  }

  sendBatch({ QueueUrl, Entries = [] }: SendMessageBatchRequest): object {
    const ids = new Set(Entries.map(({ Id }) => Id));
    if (Entries.length > 10 || Entries.length === 0 || ids.size < Entries.length)
      throw new Error('SQS takes 1 to 10 entries with ids of their own.');
    const refused = Entries.filter(() => this.#chance.happens(this.#faults().refuses));
    const accepted = Entries.filter((entry) => !refused.includes(entry));
    for (const { MessageBody, DelaySeconds } of accepted) this.#add(QueueUrl ?? '', MessageBody ?? '', DelaySeconds);
    return {
      Successful: accepted.map(({ Id }) => ({ Id })),
      Failed: refused.map(({ Id }) => ({
        Id,
        SenderFault: false,
        Code: 'InternalError',
        Message: 'of the simulation',
      })),
    };
  }

  /** Starts delivering messages to functions. */
  connect(mappings: Deployment['queueMappings'], functions: Functions): void {
    for (const mapping of mappings) {
      let running = 0;
      const start = async (batch: readonly Message[]) => {
        running += 1;
        await this.#handle(mapping, batch, functions);
        running -= 1;
        this.#pollSoon(mapping.queueUrl);
      };
      this.#queue(mapping.queueUrl).poll = () => {
        const batch = running < mapping.concurrency ? this.#receive(mapping.queueUrl, mapping.batchSize) : [];
        if (batch.length > 0) void start(batch);
        this.#pollSoon(mapping.queueUrl);
      };
    }
  }

  /** Schedules a poll for when the next message becomes visible. */
  #pollSoon(url: string): void {
    const queue = this.#queue(url);
    const { now } = this.#scheduler;
    const visibleAt = Math.min(...queue.messages.map((message) => message.visibleAt));
    if (!queue.poll || visibleAt === Infinity) return;
    const at = Math.max(now, visibleAt) + 10 + this.#chance.fraction() * 200;
    if (queue.pollsAt > now && queue.pollsAt <= at) return;
    queue.pollsAt = at;
    this.#scheduler.after(at - now, () => {
      if (queue.pollsAt === at) queue.poll?.();
    });
  }

  async #handle(
    mapping: Deployment['queueMappings'][number],
    batch: readonly Message[],
    functions: Functions,
  ): Promise<void> {
    const event = { Records: batch.map(({ id, body }) => ({ messageId: id, body })) };
    const outcome = await functions.invoke(mapping.functionName, event);
    if ('error' in outcome) return;
    const { batchItemFailures = [] } = (outcome.result ?? {}) as { batchItemFailures?: { itemIdentifier: string }[] };
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const queue = this.#queue(mapping.queueUrl);
    queue.messages = queue.messages.filter((message) => !batch.includes(message) || failed.has(message.id));
  }

  /**
   * Receives some of the visible messages, which become invisible for a while. Those received too often are
   * dead-lettered.
   */
  #receive(url: string, limit: number): Message[] {
    const queue = this.#queue(url);
    const { definition } = queue;
    const visible = queue.messages.filter(({ visibleAt }) => visibleAt <= this.#scheduler.now);
    const chosen = visible.filter(() => visible.length === 1 || this.#chance.happens(0.7)).slice(0, limit);
    return chosen.filter((message) => {
      if (message.receives >= definition.maxReceives && definition.deadLetterUrl !== undefined) {
        queue.messages = queue.messages.filter((one) => one !== message);
        this.#queue(definition.deadLetterUrl).messages.push(message);
        return false;
      }
      message.receives += 1;
      message.visibleAt = this.#scheduler.now + definition.visibilityMs;
      return true;
    });
  }

  #add(url: string, body: string, delaySeconds = 0): void {
    const { definition, messages } = this.#queue(url);
    const { loses, repeats, delays } = this.#faults();
    const isDeadLetter = definition.deadLetterUrl === undefined;
    if (!isDeadLetter && this.#chance.happens(loses)) return;
    const copies = !isDeadLetter && this.#chance.happens(repeats) ? 2 : 1;
    for (let n = 0; n < copies; n += 1) {
      const late = !isDeadLetter && this.#chance.happens(delays) ? this.#chance.fraction() * 300_000 : 0;
      const visibleAt = this.#scheduler.now + delaySeconds * 1000 + late;
      messages.push({ id: `message-${(this.#sent += 1)}`, body, receives: 0, visibleAt });
    }
    this.#pollSoon(url);
  }

  #queue(url: string): Queue {
    const queue = this.#queues.get(url);
    if (!queue) throw new Error(`There is no queue ${url}.`);
    return queue;
  }
}
