import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Hint, Hints } from '../ports.ts';
import { busy } from './aws-errors.ts';

const batchSize = 10;

/** The port Hints on the ready queue. */
export function hintsOn(client: SQSClient, queueUrl: string): Hints {
  return {
    async send(hints) {
      const entries = hints.map(({ hint, delayMs = 0 }, n) => ({
        Id: String(n % batchSize),
        MessageBody: JSON.stringify(hint),
        ...(delayMs > 0 && { DelaySeconds: Math.ceil(delayMs / 1000) }),
      }));
      for (let n = 0; n < entries.length; n += batchSize) {
        const batch = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries.slice(n, n + batchSize) });
        const { Failed: failed = [] } = await client.send(batch);
        const [refused] = failed;
        if (!refused) continue;
        const message = `SQS refused ${failed.length} hints: ${refused.Code} ${refused.Message}`;
        throw refused.SenderFault ? new Error(message) : busy(message);
      }
    },
  };
}

/**
 * The hint that a message holds.
 * @throws Error when it holds none: such a message can never be processed
 */
export function hintIn(body: string): Hint {
  const hint = JSON.parse(body) as Record<string, unknown>;
  if (typeof hint['task_id'] === 'string') return { task_id: hint['task_id'] };
  if (typeof hint['agent_id'] === 'string') return { agent_id: hint['agent_id'] };
  throw new Error(`The message names neither a task nor an agent: ${body.slice(0, 200)}`);
}
