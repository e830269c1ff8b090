import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { edgeAlone, rejection } from '../support/edge.ts';

test('a queue URL has the address of the edge', async () => {
  const { edge, sqs } = await edgeAlone();
  const QueueUrl = await createQueue(sqs, 'ready');
  expect(QueueUrl).toBe(`${edge.url}/000000000000/ready`);
  expect(await sqs.send(new GetQueueUrlCommand({ QueueName: 'ready' }))).toMatchObject({ QueueUrl });
});

test('a message is received until it is deleted', async () => {
  const { sqs } = await edgeAlone();
  const QueueUrl = await createQueue(sqs, 'ready', { VisibilityTimeout: '0' });
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'task-1' }));

  expect(bodies(await receive(sqs, QueueUrl))).toEqual(['task-1']);
  const [again] = await receive(sqs, QueueUrl);
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
  expect(await receive(sqs, QueueUrl)).toEqual([]);
});

test('a delayed message is available when the clock is moved past its delay', async () => {
  const { queues, sqs } = await edgeAlone();
  const QueueUrl = await createQueue(sqs, 'ready');
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 900 }));

  queues.advance(890_000);
  expect(await receive(sqs, QueueUrl)).toEqual([]);
  const waiting = receive(sqs, QueueUrl, 20);
  queues.advance(10_000);
  expect(bodies(await waiting)).toEqual(['later']);
});

test('a message that was not deleted comes back when the clock is moved past its visibility timeout', async () => {
  const { queues, sqs } = await edgeAlone();
  const QueueUrl = await createQueue(sqs, 'ready', { VisibilityTimeout: '60' });
  const sent = Date.now();
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'task-1' }));
  await receive(sqs, QueueUrl);
  expect(await receive(sqs, QueueUrl)).toEqual([]);

  queues.advance(60_000);
  const [message] = await receive(sqs, QueueUrl);
  expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '2' });
  expect(Number(message?.Attributes?.['SentTimestamp'])).toBeGreaterThanOrEqual(sent);
});

test('message times are by the moved clock', async () => {
  const { queues, sqs } = await edgeAlone();
  const QueueUrl = await createQueue(sqs, 'ready');
  const hour = 3_600_000;
  queues.advance(hour);
  const sent = Date.now() + hour;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'task-1' }));
  queues.advance(hour);
  const [message] = await receive(sqs, QueueUrl);

  const { SentTimestamp, ApproximateFirstReceiveTimestamp } = message?.Attributes ?? {};
  expect(Number(SentTimestamp)).toBeGreaterThanOrEqual(sent);
  expect(Number(SentTimestamp)).toBeLessThan(sent + hour);
  expect(Number(ApproximateFirstReceiveTimestamp)).toBeGreaterThanOrEqual(sent + hour);
});

test('a message received too often goes to the dead-letter queue', async () => {
  const { sqs } = await edgeAlone();
  const deadLetters = await createQueue(sqs, 'dead-letters');
  const QueueUrl = await createQueue(sqs, 'ready', {
    VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead-letters',
      maxReceiveCount: 2,
    }),
  });
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));

  for (const expected of [['poison'], ['poison'], []]) expect(bodies(await receive(sqs, QueueUrl))).toEqual(expected);
  expect(bodies(await receive(sqs, deadLetters))).toEqual(['poison']);
});

test('requests are counted per 64 KB, and idle polls separately', async () => {
  const { edge, sqs } = await edgeAlone();
  const QueueUrl = await createQueue(sqs, 'ready');
  const start = edge.meter.snapshot();
  const Entries = ['1', '2', '3'].map((Id) => ({ Id, MessageBody: 'x'.repeat(30_000) }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  await receive(sqs, QueueUrl);
  await receive(sqs, QueueUrl);

  expect(edge.meter.since(start).by('action')).toMatchObject({
    SendMessageBatch: { calls: 1, queueRequests: 2, messages: 3, idlePolls: 0 },
    ReceiveMessage: { calls: 1, queueRequests: 2, messages: 0, idlePolls: 1 },
  });
});

test('a refusal has the name that the SDK knows', async () => {
  const { edge, sqs } = await edgeAlone();
  const receiving = receive(sqs, `${edge.url}/000000000000/no-such-queue`);
  expect(await rejection(receiving)).toMatchObject({ name: 'QueueDoesNotExist' });
});

async function createQueue(sqs: SQSClient, QueueName: string, Attributes: Record<string, string> = {}) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl ?? '';
}

async function receive(sqs: SQSClient, QueueUrl: string, WaitTimeSeconds = 0) {
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      WaitTimeSeconds,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return Messages ?? [];
}

function bodies(messages: { Body?: string | undefined }[]) {
  return messages.map(({ Body }) => Body);
}
