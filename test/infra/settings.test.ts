import { App, Duration } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { describe, expect, test } from 'vitest';
import { readSettings } from '#infra/settings.ts';

const read = (given: Record<string, unknown>, context: Record<string, unknown> = {}) =>
  readSettings(new App({ context }), given);

test('what is not set keeps its default', () => {
  expect(read({})).toEqual({ stage: 'dev' });
});

test('the context of the command line or cdk.json is read, as text or number', () => {
  expect(
    read({}, { stage: 'qa', retentionDays: '7', leaseSeconds: 60, maxPollMilliseconds: 500, throttleRate: '7' }),
  ).toEqual({
    stage: 'qa',
    maxPoll: Duration.millis(500),
    retention: Duration.days(7),
    lease: Duration.seconds(60),
    throttleRate: 7,
  });
});

test('text is converted to the types of the props', () => {
  expect(read({ publicEvents: 'none', logRetentionDays: '14' })).toMatchObject({
    publicEvents: 'none',
    logRetention: RetentionDays.TWO_WEEKS,
  });
  expect(read({ protect: 'false', tracing: true })).toMatchObject({ protect: false, tracing: true });
  expect(read({ alarmTopicArn: '' })).toMatchObject({ alarmTopicArn: '' });
  for (const origins of ['*', 'http://*', 'https://app.example.com,http://[::1]:5173', ''])
    expect(read({ corsOrigins: origins })).toMatchObject({ corsOrigins: origins === '' ? [] : origins.split(',') });
});

test('stage settings in cdk.json apply to that stage only, so that deployments need not repeat them', () => {
  const stages = { qa: { retentionDays: 7, protect: false }, prod: { retentionDays: 90 } };
  expect(read({}, { stage: 'qa', stages, throttleRate: '7' })).toEqual({
    stage: 'qa',
    retention: Duration.days(7),
    protect: false,
    throttleRate: 7,
  });
  expect(read({}, { stage: 'prod', stages })).toEqual({ stage: 'prod', retention: Duration.days(90) });
  expect(read({}, { stages })).toEqual({ stage: 'dev' });
});

test('a setting both for a stage and for all, or on the command line, is refused as ambiguous', () => {
  const stages = { qa: { retentionDays: 7 } };
  expect(() => read({}, { stage: 'qa', stages, retentionDays: '8' })).toThrow(
    'retentionDays is set for stage qa in cdk.json; change it there, not with -c',
  );
  expect(() => read({}, { stage: 'qa', stages: { qa: { retentionDay: 7 } } })).toThrow('retentionDay is not a known');
});

test("the caller's settings win over the context", () => {
  expect(read({ stage: 'local' }, { stage: 'qa' }).stage).toBe('local');
});

test('the context of CDK itself is ignored', () => {
  expect(() => read({}, { 'aws:cdk:bundling-stacks': ['**'], 'cli-telemetry': false })).not.toThrow();
});

describe('refused with what is wrong and what is allowed', () => {
  test.each([
    [{ stage: 'Prod' }, 'stage must be a lowercase letter followed by up to 19 of a-z, 0-9 and -, not "Prod"'],
    [{ leaseSeconds: 'soon' }, 'leaseSeconds must be a whole number from 10 to 86400, not "soon"'],
    [{ leaseSeconds: '5' }, 'leaseSeconds must be a whole number from 10 to 86400, not "5"'],
    [{ retentionDays: '1.5' }, 'retentionDays must be a whole number from 1 to 365, not "1.5"'],
    [{ retentionDays: true }, 'retentionDays must be a whole number from 1 to 365, not true'],
    [{ logRetentionDays: '31' }, 'logRetentionDays must be one of 1, 3, 5, 7'],
    [{ publicEvents: 'some' }, 'publicEvents must be one of none, ended, all, not "some"'],
    [{ corsOrigins: 'https://*.example.com' }, 'corsOrigins must be a comma-separated list of origins such as'],
    [{ corsOrigins: 'https://example.com/app' }, 'corsOrigins must be a comma-separated list of origins such as'],
    [{ corsOrigins: 'example.com' }, 'corsOrigins must be a comma-separated list of origins such as'],
    [{ protect: 'no' }, 'protect must be true or false, not "no"'],
    [{ restoredAgentsTableArn: 'agents' }, 'restoredAgentsTableArn must be the ARN of a table, not "agents"'],
    [{ runbookUrl: 'wiki/runbook' }, 'runbookUrl must be an address that begins with https://, not "wiki/runbook"'],
    [{ alarmTopicArn: 'on-call' }, 'alarmTopicArn must be the ARN of an SNS topic, not "on-call"'],
    [{ retentionDay: '5' }, 'retentionDay is not a known setting; the settings are stage, retentionDays'],
  ])('%j', (given, message) => {
    expect(() => read(given)).toThrow(message);
  });

  test('all at once', () => {
    expect(() => read({ stage: '', throttleRate: '0' })).toThrow(
      /stage must be .*, not ""\n.*throttleRate must be .*, not "0"/,
    );
  });
});
