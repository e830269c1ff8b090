import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { expect, test } from 'vitest';
import { defaults } from '#infra/defaults.ts';
import { defaultSettings } from '#shared/domain/settings.ts';

const source = readFileSync(path.resolve(import.meta.dirname, '../../infra/props.ts'), 'utf8');
const [, declared = ''] = /interface MusterProps \{(.*?)\n\}/s.exec(source) ?? [];
const documented = [...declared.matchAll(/@default (.*)\n\s+\*\/\n\s+readonly (\w+)\?:/g)].map(
  ([, value = '', prop = '']) => ({ prop, value }),
);

test('every prop is optional and documents its default', () => {
  const props = [...declared.matchAll(/^ {2}readonly (\w+)/gm)].map(([, prop]) => prop);
  expect(props.length).toBeGreaterThan(10);
  expect(documented.map(({ prop }) => prop)).toEqual(props);
});

test('the documented defaults are the actual ones', () => {
  const inCode = documented.filter(({ value }) => !value.startsWith('- '));
  expect(inCode.map(({ prop }) => prop)).toEqual(Object.keys(defaults));
  for (const { prop, value } of inCode) {
    const expected: unknown = runInNewContext(value, { Duration, RemovalPolicy, RetentionDays });
    expect({ prop, value: plain(defaults[prop as keyof typeof defaults]) }).toEqual({ prop, value: plain(expected) });
  }
});

/** Compares durations by length regardless of unit; values from another context have different classes. */
const plain = (value: unknown): unknown =>
  value instanceof Duration ? value.toMilliseconds() : JSON.parse(JSON.stringify(value));

test('the functions have the same defaults', () => {
  expect(defaultSettings).toMatchObject({
    retentionMs: defaults.retention.toMilliseconds(),
    leaseMs: defaults.lease.toMilliseconds(),
    startWithinMs: defaults.startWithin.toMilliseconds(),
    maxPollMs: defaults.maxPoll.toMilliseconds(),
    staleAfterMs: defaults.staleAfter.toMilliseconds(),
    allowanceMs: {
      high: defaults.highAllowance.toMilliseconds(),
      medium: defaults.mediumAllowance.toMilliseconds(),
      low: defaults.lowAllowance.toMilliseconds(),
    },
  });
});
