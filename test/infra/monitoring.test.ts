import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { functionNames } from '#scripts/bundle.ts';
import { allOf, synthesize, type Resource } from './synthesize.ts';

const topic = 'arn:aws:sns:eu-central-1:123456789012:on-call';

let alarms: Resource['Properties'][];
beforeAll(async () => {
  alarms = Object.values(allOf(await synthesize('dev', { alarmTopicArn: topic }), 'AWS::CloudWatch::Alarm'));
});

test('every dead letter queue, every function, each delay and the answers of the API are watched', () => {
  const watched = [
    ...['ready-dead-letters', 'changes-dead-letters', 'release-dead-letters'],
    ...['ready-queue-delayed', 'changes-delayed', 'sweep-stopped', 'api-server-errors'],
    ...functionNames.map((name) => `${name}-errors`),
  ];
  expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(watched.map((name) => `Muster-dev-${name}`).sort());
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
  const alarming = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
  expect(alarming.map(({ AlarmName }) => AlarmName)).toEqual(['Muster-dev-sweep-stopped']);
});
