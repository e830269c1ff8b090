import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Status } from '../contract/nouns.ts';

/** A task whose dependents are to be released. */
export interface Release {
  detail: { task_id: string; status: Status };
}

/** The queue of releases that are repeated until they are done. */
export class SqsReleases {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async add(release: Release): Promise<void> {
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: JSON.stringify(release) }));
  }
}

/**
 * The release in a queue message, either as added or as a failed Lambda invocation.
 * @throws Error if it contains none: such a message can never be processed
 */
export function releaseIn(body: string): Release {
  const message = JSON.parse(body) as Partial<Release> & { requestPayload?: Partial<Release> };
  const { detail } = message.requestPayload ?? message;
  if (typeof detail?.task_id !== 'string') throw new Error(`The message names no task: ${body.slice(0, 200)}`);
  return { detail };
}
