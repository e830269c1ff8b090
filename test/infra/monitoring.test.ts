import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { functionNames } from '#scripts/bundle.ts';
import { taskIndexes } from '#shared/schema.ts';
import { allOf, synthesize, type Resource, type Synthesized } from './synthesize.ts';

const topic = 'arn:aws:sns:eu-central-1:123456789012:on-call';

let muster: Synthesized;
let named: Record<string, Resource['Properties']>;
let alarms: Resource['Properties'][];
beforeAll(async () => {
  muster = await synthesize('dev', { alarmTopicArn: topic });
  named = allOf(muster, 'AWS::CloudWatch::Alarm');
  alarms = Object.values(named);
});

test('every dead-letter queue, every function, each delay, throttles and API responses are monitored', () => {
  const watched = [
    ...['ReadyTaskOld', 'NoCapableAgent', 'SuccessRateLow', 'NoAgents'],
    ...['ReadyDeadLetters', 'ChangesDeadLetters', 'ReleaseDeadLetters'],
    ...['ReadyQueueDelayed', 'ChangesDelayed', 'StatisticsDelayed', 'ReleaseDelayed', 'SweepStopped'],
    ...['ServerErrors', 'InvocationsFailed'],
    ...['TasksThrottled', 'IndexesThrottled', 'AgentsThrottled', 'FunctionsThrottled'],
    ...['Api', 'Mcp', 'Authorize', 'Dashboard'].map((name) => `${name}Errors`),
    ...['RouteReadyTasks', 'PublishChanges', 'CountChanges', 'ReleaseDependents', 'Sweep'].map(
      (name) => `${name}Errors`,
    ),
  ];
  expect(Object.keys(named).sort()).toEqual(watched.map((name) => `Monitoring${name}`).sort());
  const failing = alarms.filter(({ Namespace, MetricName }) => Namespace === 'AWS/Lambda' && MetricName === 'Errors');
  expect(failing).toHaveLength(functionNames.length);
});

test('every alarm names an existing section of the runbook', () => {
  const runbook = readFileSync(path.join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
  const sections = [...runbook.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  for (const { AlarmDescription } of alarms) {
    const [, section] = /docs\/runbook\.md#([\w-]+)$/.exec(AlarmDescription as string) ?? [];
    expect(sections).toContain(section);
  }
});

test('alarms and the dashboard link to the runbook once its URL is configured', async () => {
  const runbookUrl = 'https://wiki.example.com/muster/runbook';
  const linked = await synthesize('dev', { runbookUrl });
  for (const { AlarmDescription } of Object.values(allOf(linked, 'AWS::CloudWatch::Alarm'))) {
    expect(AlarmDescription).toContain(`What to do: ${runbookUrl}#`);
  }
  const bodyOf = (of: Synthesized) => JSON.stringify(allOf(of, 'AWS::CloudWatch::Dashboard'));
  expect(bodyOf(linked)).toContain(`[old-ready-tasks](${runbookUrl}#old-ready-tasks)`);
  expect(bodyOf(muster)).toContain('be: docs/runbook.md#old-ready-tasks, ');
});

/** What an alarm sums: the metric and its resources. */
function addedUp(alarm: string) {
  const { Metrics } = named[`Monitoring${alarm}`] as {
    Metrics: { MetricStat?: { Metric: { MetricName: string; Dimensions: { Value: unknown }[] } } }[];
  };
  return Metrics.flatMap(({ MetricStat: stat }) =>
    stat ? [`${stat.Metric.MetricName} of ${stat.Metric.Dimensions.map(({ Value }) => text(Value)).join('/')}`] : [],
  ).sort();
}

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
const readsAndWrites = (...of: string[]) =>
  ['ReadThrottleEvents', 'WriteThrottleEvents'].flatMap((metric) => of.map((one) => `${metric} of ${one}`));

test('throttled reads and writes of both tables and every index are monitored', () => {
  expect(addedUp('TasksThrottled')).toEqual(readsAndWrites('StorageTasks'));
  expect(addedUp('AgentsThrottled')).toEqual(readsAndWrites('StorageAgents'));
  const ofIndexes = taskIndexes.map(({ name }) => `${name}/StorageTasks`).sort();
  expect(addedUp('IndexesThrottled')).toEqual(readsAndWrites(...ofIndexes));
});

test('throttles of every function are monitored', () => {
  const functions = Object.keys(allOf(muster, 'AWS::Lambda::Function')).map((name) => `Throttles of ${name}`);
  expect(addedUp('FunctionsThrottled')).toEqual(functions.sort());
});

test("failed invocations of every rule are monitored, by the names that CloudWatch gives to a bus's rules", () => {
  const inArn = (name: string) => text({ 'Fn::Select': [2, { 'Fn::Split': ['/', name] }] });
  const rules = Object.entries(allOf(muster, 'AWS::Events::Rule')).map(([name, { EventBusName }]) =>
    EventBusName === undefined ? name : `${EventBusName as string}/${inArn(name)}`,
  );
  const metrics = ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'];
  expect(addedUp('InvocationsFailed')).toEqual(
    metrics.flatMap((metric) => rules.map((rule) => `${metric} of ${rule}`)).sort(),
  );
});

test('alarms notify the configured topic', () => {
  for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual([topic]);
});

test('missing data is an alarm only for things that should happen constantly', () => {
  const alarming = Object.keys(named).filter((name) => named[name]?.TreatMissingData === 'breaching');
  expect(alarming).toEqual(['MonitoringSweepStopped']);
});
