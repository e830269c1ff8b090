import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { batchesOf } from '../batches.ts';
import type { WakeUps } from '../ports.ts';
import { awsClient } from './aws-clients.ts';
import { busy, entryRefused } from './aws-errors.ts';

const messagesPerCall = 10;

/** The port WakeUps on the ready queue. */
export class SqsWakeUps implements WakeUps {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(queueUrl: string, client = awsClient(SQSClient)) {
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
      const { Failed: failed = [] } = await this.#client.send(command);
      const [refused] = failed;
      if (!refused) continue;
      const message = `SQS refused ${failed.length} wake-ups: ${refused.Code} ${refused.Message}`;
      throw refused.SenderFault ? entryRefused(refused.Code ?? '', message) : busy(message);
    }
  }
}
