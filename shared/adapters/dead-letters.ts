import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** A queue of what can never be processed, for a person to look at. */
export class SqsDeadLetters {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  readonly #consumer: string;

  /** @param consumer what could not process it */
  constructor(client: SQSClient, queueUrl: string, consumer: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
    this.#consumer = consumer;
  }

  /** Dead-letters something with its content and why. */
  async add(content: unknown, error: unknown): Promise<void> {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const body = JSON.stringify({ consumer: this.#consumer, reason, content });
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: body }));
  }
}
