import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { clientSettings } from '#local/edge/aws-client.ts';
import type { RunningTemplate } from '#local/run/run-template.ts';
import { test } from '../support/running-template.ts';
import type { TinyTemplate } from '../support/tiny-template.ts';

function withBus(tiny: TinyTemplate): TinyTemplate {
  return tiny.function('Listener', `record(event); if (event.detail.fails) throw new Error('refused');`).add({
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'orders' } },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventBusName: { Ref: 'Bus' },
        EventPattern: { source: ['shop'], 'detail-type': ['Order Placed'], detail: { express: [true] } },
        State: 'ENABLED',
        Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['Listener', 'Arn'] } }],
      },
    },
  });
}

async function put({ edge }: RunningTemplate, detail: object, more: object = {}) {
  const client = new EventBridgeClient(clientSettings(edge));
  const entry = {
    Source: 'shop',
    DetailType: 'Order Placed',
    Detail: JSON.stringify(detail),
    EventBusName: 'orders',
    ...more,
  };
  const answer = await client.send(new PutEventsCommand({ Entries: [entry] }));
  client.destroy();
  return answer;
}

test('an event reaches the targets of the matching rules', async ({ tiny, run }) => {
  withBus(tiny);
  const muster = await run({ now: Date.UTC(2031, 0, 1) });
  await put(muster, { express: true, order: 7 });
  await put(muster, { express: false });
  await put(muster, { express: true }, { DetailType: 'Order Cancelled' });
  await put(muster, { express: true }, { EventBusName: 'default' });
  await muster.settled();

  expect(tiny.recorded('Listener')).toEqual([
    {
      version: '0',
      id: expect.any(String) as string,
      'detail-type': 'Order Placed',
      source: 'shop',
      account: '000000000000',
      time: expect.stringMatching(/^2031-01-01T00:00:\d\dZ$/) as string,
      region: 'us-east-1',
      resources: [],
      detail: { express: true, order: 7 },
    },
  ]);
});

test('events for an unknown bus are refused individually', async ({ tiny, run }) => {
  withBus(tiny);
  const answer = await put(await run(), {}, { EventBusName: 'nowhere' });
  expect(answer).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ResourceNotFoundException' }] });
});

test('a failed event is retried as configured and then goes to the failure destination', async ({ tiny, run }) => {
  withBus(tiny).add({
    Dead: { Type: 'AWS::SQS::Queue' },
    Config: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: { Ref: 'Listener' },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 1,
        DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Dead', 'Arn'] } } },
      },
    },
  });
  const muster = await run();
  await put(muster, { express: true, fails: true });
  await muster.settled();
  await muster.clock.advance('30s');
  await muster.settled();
  expect(tiny.recorded('Listener')).toHaveLength(1);
  await muster.clock.advance('30s');
  await muster.settled();

  expect(tiny.recorded('Listener')).toHaveLength(2);
  const sqs = new SQSClient(clientSettings(muster.edge));
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: `${muster.edge.url}/000000000000/tiny-Dead` }),
  );
  sqs.destroy();
  expect(JSON.parse(Messages[0]?.Body ?? '')).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 2 },
    requestPayload: { detail: { express: true, fails: true } },
    responsePayload: { errorType: 'Error', errorMessage: 'refused' },
  });
});

test('a pending retry when Muster stops is made by the next process, when due', async ({ tiny, run, data }) => {
  withBus(tiny);
  const first = await run({ data, now: Date.UTC(2031, 0, 1) });
  await put(first, { express: true, fails: true });
  await first.settled();
  await first.stop();

  const next = await run({ data, now: Date.UTC(2031, 0, 1) + 30_000 });
  await next.settled();
  expect(tiny.recorded('Listener')).toHaveLength(1);
  await next.clock.advance('45s');
  await next.settled();
  expect(tiny.recorded('Listener')).toHaveLength(2);
});

test('a schedule can be fired by name and waited for', async ({ tiny, run }) => {
  tiny
    .function('Cleaner', `record(event); if (event.broken) throw new Error('cannot');`)
    .function('Breaker', `throw new Error('cannot');`)
    .add({
      EveryMinute: {
        Type: 'AWS::Events::Rule',
        Properties: {
          ScheduleExpression: 'rate(1 minute)',
          Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['Cleaner', 'Arn'] } }],
        },
      },
      EveryDay: {
        Type: 'AWS::Events::Rule',
        Properties: {
          ScheduleExpression: 'rate(1 day)',
          Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['Breaker', 'Arn'] } }],
        },
      },
      OnceOnly: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: { FunctionName: { Ref: 'Breaker' }, Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
      },
    });
  const muster = await run();
  await muster.fire('cleaner');
  expect(tiny.recorded('Cleaner')).toMatchObject([{ 'detail-type': 'Scheduled Event', source: 'aws.events' }]);
  await expect(muster.fire('EveryDay')).rejects.toThrow('EveryDay failed: Error: cannot');
  await expect(muster.fire('every')).rejects.toThrow('2 schedules match "every"');
});

test('a schedule that is not a rate is refused', async ({ tiny, run }) => {
  tiny.add({
    Nightly: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'cron(0 3 * * ? *)', Targets: [] } },
  });
  await expect(run()).rejects.toThrow('Nightly has the schedule cron(0 3 * * ? *); local/ supports only rate(...)');
});
