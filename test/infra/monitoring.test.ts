import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { functionNames } from '#scripts/bundle.ts';
import { allOf, synthesize, type Resource } from './synthesize.ts';

const topic = 'arn:aws:sns:eu-central-1:123456789012:on-call';

let named: Record<string, Resource['Properties']>;
let alarms: Resource['Properties'][];
beforeAll(async () => {
  named = allOf(await synthesize('dev', { alarmTopicArn: topic }), 'AWS::CloudWatch::Alarm');
  alarms = Object.values(named);
});

test('every dead letter queue, every function, each delay and the answers of the API are watched', () => {
  const watched = [
    ...['ReadyDeadLetters', 'ChangesDeadLetters', 'ReleaseDeadLetters'],
    ...['ReadyQueueDelayed', 'ChangesDelayed', 'ReleaseDelayed', 'TasksThrottled', 'SweepStopped', 'ServerErrors'],
    ...['Api', 'Mcp', 'Authorize', 'RouteReadyTasks', 'PublishChanges', 'ReleaseDependents', 'Sweep'].map(
      (name) => `${name}Errors`,
    ),
  ];
  expect(Object.keys(named).sort()).toEqual(watched.map((name) => `Monitoring${name}`).sort());
  const failing = alarms.filter(({ Namespace, MetricName }) => Namespace === 'AWS/Lambda' && MetricName === 'Errors');
  expect(failing).toHaveLength(functionNames.length);
});

test('every alarm names a section of the runbook that exists', () => {
  const runbook = readFileSync(path.join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
  const sections = [...runbook.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
  for (const { AlarmDescription } of alarms) {
    const [, section] = /docs\/runbook\.md#([\w-]+)$/.exec(AlarmDescription as string) ?? [];
    expect(sections).toContain(section);
  }
});

test('alarms notify the topic that was set', () => {
  for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual([topic]);
});

test('no data is an alarm only where something should happen all the time', () => {
  const alarming = Object.keys(named).filter((name) => named[name]?.TreatMissingData === 'breaching');
  expect(alarming).toEqual(['MonitoringSweepStopped']);
});
