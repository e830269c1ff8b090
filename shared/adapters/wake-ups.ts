import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { batchesOf } from '../batches.ts';
import type { WakeUp, WakeUps } from '../ports.ts';
import { busy, entryRefused } from './aws-errors.ts';

const messagesPerCall = 10;

/** The port WakeUps on the ready queue. */
export class SqsWakeUps implements WakeUps {
  readonly #client: () => SQSClient;
  readonly #queueUrl: string;

  /** @param client asked for when something is sent: most requests send nothing, and to make one takes a tenth of a start */
  constructor(client: () => SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async send(wakeUps: Parameters<WakeUps['send']>[0]): Promise<void> {
    const entries = wakeUps.map(({ wakeUp, delayMs = 0 }, n) => ({
      Id: String(n % messagesPerCall),
      MessageBody: JSON.stringify(wakeUp),
      ...(delayMs > 0 && { DelaySeconds: Math.ceil(delayMs / 1000) }),
    }));
    for (const batch of batchesOf(entries, messagesPerCall)) {
      const command = new SendMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries: batch });
      const { Failed: failed = [] } = await this.#client().send(command);
      const [refused] = failed;
      if (!refused) continue;
      const message = `SQS refused ${failed.length} wake-ups: ${refused.Code} ${refused.Message}`;
      throw refused.SenderFault ? entryRefused(refused.Code ?? '', message) : busy(message);
    }
  }
}

/**
 * The wake-up that a message holds.
 * @throws Error when it holds none: such a message can never be processed
 */
export function wakeUpIn(body: string): WakeUp {
  const wakeUp = JSON.parse(body) as Record<string, unknown>;
  if (typeof wakeUp['task_id'] === 'string') return { task_id: wakeUp['task_id'] };
  if (typeof wakeUp['agent_id'] === 'string') return { agent_id: wakeUp['agent_id'] };
  throw new Error(`The message has neither task_id nor agent_id: ${body.slice(0, 200)}`);
}
