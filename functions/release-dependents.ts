import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSEvent } from 'aws-lambda';
import { awsClient } from '#shared/adapters/aws-clients.ts';
import { connect, required } from '#shared/adapters/connect.ts';
import { releaseIn, SqsReleases, type Release } from '#shared/adapters/releases.ts';
import { env } from '#shared/env.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { eventPipeline } from './events/event-pipeline.ts';
import { messagePipeline } from './events/message-pipeline.ts';

const ports = connect(process.env);
const releases = new SqsReleases(awsClient(SQSClient), required(process.env, env.releaseQueueUrl));

/** Work begun before this reserve fits into the remaining time. */
const reserveMs = 15_000;

function release({ detail: { task_id: id, status } }: Release, context: Context, isRepeat: boolean): Promise<boolean> {
  const hasTime = () => context.getRemainingTimeInMillis() > reserveMs;
  return releaseDependents(ports, { id, status }, { hasTime, isRepeat });
}

/** A task with dependents has ended or is retried. */
const fromBus = eventPipeline<Release>(
  async (event, context) => {
    if (!(await release(event, context, false))) await releases.add(event);
  },
  ({ detail: { task_id } }) => ({ task_id }),
);

/** Releases that took too long, or that Lambda gave up after three attempts: the queue repeats them for hours. */
const fromQueue = messagePipeline(
  async ({ Records }, context) => {
    for (const { body } of Records) {
      const event = releaseIn(body);
      if (await release(event, context, true)) continue;
      throw new Error(`Not all dependents of task ${event.detail.task_id} could be released in time.`);
    }
  },
  ({ body }) => ({ task_id: releaseIn(body).detail.task_id }),
);

export const handler = (event: Release | SQSEvent, context: Context) =>
  'Records' in event ? fromQueue(event, context) : fromBus(event, context);
