import { beforeAll, describe, expect, test } from 'vitest';
import { allOf, only, synthesize, type Synthesized } from './synthesize.ts';

let muster: Synthesized;
beforeAll(async () => {
  muster = await synthesize('dev', { publicEvents: 'none' });
});

const functionNamed = (id: string) => allOf(muster, 'AWS::Lambda::Function')[id] ?? {};
const queueNamed = (id: string) => allOf(muster, 'AWS::SQS::Queue')[id] ?? {};
const mappingOf = (source: string) =>
  only(muster, 'AWS::Lambda::EventSourceMapping', ({ EventSourceArn }) => EventSourceArn === source);
const invokeConfigOf = (id: string) =>
  only(muster, 'AWS::Lambda::EventInvokeConfig', ({ FunctionName }) => FunctionName === id);

describe('ready queue', () => {
  test('a message received five times is dead-lettered', () => {
    const RedrivePolicy = { maxReceiveCount: 5, deadLetterTargetArn: 'DispatchReadyDeadLetters' };
    expect(queueNamed('DispatchReadyQueue')).toMatchObject({ RedrivePolicy });
  });

  test("a message stays invisible for six times the router's timeout", () => {
    const { Timeout } = functionNamed('DispatchRouteReadyTasks');
    expect(queueNamed('DispatchReadyQueue').VisibilityTimeout).toBe(6 * Number(Timeout));
  });

  test('the router takes ten messages at a time without delay, and fails only those that it names', () => {
    expect(mappingOf('DispatchReadyQueue')).toMatchObject({
      FunctionName: 'DispatchRouteReadyTasks',
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 10 },
    });
    expect(mappingOf('DispatchReadyQueue').MaximumBatchingWindowInSeconds).toBeUndefined();
  });
});

describe('stream of the tasks table', () => {
  const streamMappingOf = (id: string) =>
    only(
      muster,
      'AWS::Lambda::EventSourceMapping',
      ({ EventSourceArn, FunctionName }) => EventSourceArn === 'StorageTasks/stream' && FunctionName === id,
    );

  test('has no more readers than DynamoDB allows', () => {
    const mappings = Object.values(allOf(muster, 'AWS::Lambda::EventSourceMapping'));
    const readers = mappings.filter(({ EventSourceArn }) => EventSourceArn === 'StorageTasks/stream');
    expect(readers.map(({ FunctionName }) => FunctionName)).toEqual(['EventsPublishChanges', 'EventsCountChanges']);
  });

  test('changes are published at once, and counted in large batches within a second', () => {
    const publishing = streamMappingOf('EventsPublishChanges');
    expect(publishing).toMatchObject({ BatchSize: 100 });
    expect(publishing.MaximumBatchingWindowInSeconds).toBeUndefined();
    const counting = { BatchSize: 1000, MaximumBatchingWindowInSeconds: 1 };
    expect(streamMappingOf('EventsCountChanges')).toMatchObject(counting);
  });

  describe.each(['EventsPublishChanges', 'EventsCountChanges'])('%s', (id) => {
    test('is invoked only for new and changed hot items', () => {
      const { FilterCriteria } = streamMappingOf(id);
      const { Filters } = FilterCriteria as { Filters: { Pattern: string }[] };
      expect(Filters.map(({ Pattern }) => JSON.parse(Pattern) as unknown)).toEqual([
        { eventName: ['INSERT', 'MODIFY'], dynamodb: { Keys: { sk: { S: ['T'] } } } },
      ]);
    });

    test('gets one batch per shard at a time, in windows, so that an event carries the shard by which changes are counted once', () => {
      const mapping = streamMappingOf(id);
      expect(mapping).toMatchObject({ StartingPosition: 'TRIM_HORIZON' });
      expect(mapping.ParallelizationFactor).toBeUndefined();
      expect(mapping.TumblingWindowInSeconds).toBeGreaterThan(0);
    });

    test('a failed record is isolated and retried until it passes or expires', () => {
      const mapping = streamMappingOf(id);
      expect(mapping).toMatchObject({
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      });
      expect(mapping.MaximumRetryAttempts).toBeUndefined();
      expect(mapping.MaximumRecordAgeInSeconds).toBeUndefined();
    });
  });

  test('the publisher gets the list of events to publish', () => {
    const expected = { Environment: { Variables: { MUSTER_PUBLIC_EVENTS: 'none' } } };
    expect(functionNamed('EventsPublishChanges')).toMatchObject(expected);
  });
});

describe('release of dependents', () => {
  const rules = () =>
    Object.values(allOf(muster, 'AWS::Events::Rule')).filter(({ EventBusName }) => EventBusName === 'EventsBus');

  test('is triggered by its own event, not by public ones', () => {
    expect(rules().map(({ EventPattern }) => EventPattern)).toEqual([
      { source: ['muster.internal'], 'detail-type': ['Release Dependents'] },
    ]);
  });

  test('an event that cannot be delivered is dead-lettered', () => {
    for (const { Targets } of rules()) {
      expect(Targets).toMatchObject([
        {
          Arn: 'EventsReleaseDependents',
          DeadLetterConfig: { Arn: 'EventsReleaseDeadLetters' },
          RetryPolicy: { MaximumEventAgeInSeconds: 24 * 3600, MaximumRetryAttempts: 185 },
        },
      ]);
    }
  });

  test('an event that fails three times is retried by a queue, for hours before it is dead-lettered', () => {
    expect(invokeConfigOf('EventsReleaseDependents')).toMatchObject({
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: 'EventsReleaseQueue' } },
    });
    const mapping = only(
      muster,
      'AWS::Lambda::EventSourceMapping',
      ({ EventSourceArn }) => EventSourceArn === 'EventsReleaseQueue',
    );
    expect(mapping).toMatchObject({
      FunctionName: 'EventsReleaseDependents',
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    const { VisibilityTimeout, RedrivePolicy } = queueNamed('EventsReleaseQueue') as {
      VisibilityTimeout: number;
      RedrivePolicy: { deadLetterTargetArn: string; maxReceiveCount: number };
    };
    expect(VisibilityTimeout).toBeGreaterThan(functionNamed('EventsReleaseDependents').Timeout as number);
    expect(RedrivePolicy.deadLetterTargetArn).toBe('EventsReleaseDeadLetters');
    expect(RedrivePolicy.maxReceiveCount * VisibilityTimeout).toBeGreaterThan(8 * 3600);
  });
});

test('the sweep runs every minute, and a failed one is not retried but followed by the next', () => {
  const rule = only(muster, 'AWS::Events::Rule', ({ ScheduleExpression }) => ScheduleExpression === 'rate(1 minute)');
  expect(rule).toMatchObject({ State: 'ENABLED', Targets: [{ Arn: 'UpkeepSweep' }] });
  expect(invokeConfigOf('UpkeepSweep').MaximumRetryAttempts).toBe(0);
  expect(functionNamed('UpkeepSweep').Timeout).toBeLessThan(60);
});

test('dead letters are kept for 14 days', () => {
  for (const id of ['DispatchReadyDeadLetters', 'EventsChangesDeadLetters', 'EventsReleaseDeadLetters']) {
    expect(queueNamed(id).MessageRetentionPeriod).toBe(14 * 24 * 3600);
  }
});

test('every queue refuses connections without TLS', () => {
  for (const id of Object.keys(allOf(muster, 'AWS::SQS::Queue'))) {
    const policy = only(muster, 'AWS::SQS::QueuePolicy', ({ Queues }) => (Queues as string[]).includes(id));
    const { Statement } = policy.PolicyDocument as { Statement: { Effect: string; Condition: unknown }[] };
    const denials = Statement.filter(({ Effect }) => Effect === 'Deny').map(({ Condition }) => Condition);
    expect(denials).toContainEqual({ Bool: { 'aws:SecureTransport': 'false' } });
  }
});
