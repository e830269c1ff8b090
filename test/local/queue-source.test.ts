import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { clientSettings } from '#local/edge/aws-client.ts';
import type { RunningTemplate } from '#local/run/run-template.ts';
import { test } from '../support/running-template.ts';
import type { TinyTemplate } from '../support/tiny-template.ts';

interface Seen {
  bodies: string[];
  counts: string[];
}

/** A worker that refuses messages named poison, and any batch with one named crash. */
function withWorker(tiny: TinyTemplate, mapping: Record<string, unknown> = {}): TinyTemplate {
  return tiny
    .function(
      'Worker',
      `const bodies = event.Records.map(({ body }) => body);
       record({ bodies, counts: event.Records.map(({ attributes }) => attributes.ApproximateReceiveCount) });
       if (bodies.includes('crash')) throw new Error('crashed');
       const failed = event.Records.filter(({ body }) => body.startsWith('poison'));
       return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };`,
    )
    .add({
      Dead: { Type: 'AWS::SQS::Queue' },
      Jobs: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          VisibilityTimeout: 60,
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
        },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Jobs', 'Arn'] },
          FunctionName: { Ref: 'Worker' },
          BatchSize: 10,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ...mapping,
        },
      },
    });
}

function queues({ edge }: RunningTemplate) {
  const sqs = new SQSClient(clientSettings(edge));
  const url = (name: string) => `${edge.url}/000000000000/tiny-${name}`;
  return {
    send: (...bodies: string[]) => {
      const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
      return sqs.send(new SendMessageBatchCommand({ QueueUrl: url('Jobs'), Entries }));
    },
    sendLater: (MessageBody: string, DelaySeconds: number) =>
      sqs.send(new SendMessageCommand({ QueueUrl: url('Jobs'), MessageBody, DelaySeconds })),
    count: async (name: string) => {
      const command = new GetQueueAttributesCommand({ QueueUrl: url(name), AttributeNames: ['All'] });
      const { Attributes = {} } = await sqs.send(command);
      return {
        visible: Number(Attributes['ApproximateNumberOfMessages']),
        inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible']),
      };
    },
  };
}

test('messages reach the function in batches and are deleted', async ({ tiny, run }) => {
  withWorker(tiny);
  const muster = await run();
  const { send, count } = queues(muster);
  await send('a', 'b', 'c');
  await muster.settled();
  expect(tiny.recorded<Seen>('Worker').flatMap(({ bodies }) => bodies)).toEqual(['a', 'b', 'c']);
  expect(await count('Jobs')).toEqual({ visible: 0, inFlight: 0 });
});

test('only failed messages come back, after their visibility timeout, and end up dead-lettered', async ({
  tiny,
  run,
}) => {
  withWorker(tiny);
  const muster = await run();
  const { send, count } = queues(muster);
  await send('a', 'poison', 'b');
  await muster.settled();
  expect(await count('Jobs')).toEqual({ visible: 0, inFlight: 1 });

  await muster.clock.advance('61s');
  await expect.poll(() => tiny.recorded<Seen>('Worker').at(-1)).toEqual({ bodies: ['poison'], counts: ['2'] });
  await muster.settled();
  await muster.clock.advance('61s');
  await expect.poll(() => count('Dead')).toEqual({ visible: 1, inFlight: 0 });
  expect(await count('Jobs')).toEqual({ visible: 0, inFlight: 0 });
});

test('a function that throws fails the whole batch', async ({ tiny, run }) => {
  withWorker(tiny);
  const muster = await run();
  const { send, count } = queues(muster);
  await send('a', 'crash');
  await muster.settled();
  expect((await count('Jobs')).inFlight).toBe(2);
});

test('without ReportBatchItemFailures, the response is not read', async ({ tiny, run }) => {
  withWorker(tiny, { FunctionResponseTypes: [] });
  const muster = await run();
  const { send, count } = queues(muster);
  await send('poison');
  await muster.settled();
  expect(await count('Jobs')).toEqual({ visible: 0, inFlight: 0 });
});

test('a delayed message arrives when the clock is moved', async ({ tiny, run }) => {
  withWorker(tiny);
  const muster = await run();
  await queues(muster).sendLater('later', 900);
  await muster.settled();
  expect(tiny.recorded('Worker')).toEqual([]);
  await muster.clock.advance('15m');
  await expect.poll(() => tiny.recorded<Seen>('Worker')).toMatchObject([{ bodies: ['later'] }]);
});

test('a batching window collects one batch, which ends when full', async ({ tiny, run }) => {
  withWorker(tiny, { BatchSize: 3, MaximumBatchingWindowInSeconds: 300 });
  const muster = await run();
  const { send } = queues(muster);
  await send('a');
  await send('b');
  await send('c');
  await muster.settled();
  expect(tiny.recorded<Seen>('Worker').map(({ bodies }) => bodies)).toEqual([['a', 'b', 'c']]);
});
