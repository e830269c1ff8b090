import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** A queue for messages and records that can never be processed, to be examined by a person. */
export class SqsDeadLetters {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  readonly #consumer: string;

  /** @param consumer the function that could not process them */
  constructor(client: SQSClient, queueUrl: string, consumer: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
    this.#consumer = consumer;
  }

  /** Dead-letters a message or record, with the error. */
  async add(content: unknown, error: unknown): Promise<void> {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const body = JSON.stringify({ consumer: this.#consumer, reason, content });
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: body }));
  }
}
