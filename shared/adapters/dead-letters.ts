import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

/** Puts aside what can never be processed, with its content and why, for a person to look at. */
export function deadLettersOn(queueUrl: string, client = new SQSClient({})) {
  return async (content: unknown, error: unknown): Promise<void> => {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ reason, content }) }));
  };
}
