import { beforeAll, expect, test } from 'vitest';
import { functionNames } from '#scripts/bundle.ts';
import { env } from '#shared/env.ts';
import { allOf, functionNamed, synthesize, type Synthesized } from './synthesize.ts';

const arnOf = (table: string) => `arn:aws:dynamodb:eu-central-1:123456789012:table/${table}`;
const restored = {
  restoredTasksStreamArn: `${arnOf('tasks-restored')}/stream/2026-11-26T10:00:00.000`,
  restoredAgentsTableArn: arnOf('agents-restored'),
};

let muster: Synthesized;
beforeAll(async () => {
  muster = await synthesize('dev', restored);
});

test('a stage that takes over restored tables creates none of its own', () => {
  expect(allOf(muster, 'AWS::DynamoDB::Table')).toEqual({});
});

test('every function uses the restored tables and is allowed to', () => {
  const policies = JSON.stringify(allOf(muster, 'AWS::IAM::Policy'));
  expect(policies).toContain(`"${arnOf('tasks-restored')}/index/work"`);
  for (const name of functionNames.filter((one) => one !== 'dashboard')) {
    const { Variables } = functionNamed(muster, name).Environment as { Variables: Record<string, unknown> };
    const named = [Variables[env.tasksTable], Variables[env.agentsTable]].filter((table) => table !== undefined);
    expect(named.map((table) => JSON.stringify(table)).join()).toMatch(/^("tasks-restored",)?"agents-restored"$/);
  }
});

test('changes are published and counted from the stream of the restored table', () => {
  const { restoredTasksStreamArn } = restored;
  const isStream = ({ EventSourceArn }: Record<string, unknown>) => EventSourceArn === restoredTasksStreamArn;
  const mappings = Object.values(allOf(muster, 'AWS::Lambda::EventSourceMapping')).filter(isStream);
  expect(mappings.map(({ FunctionName }) => FunctionName)).toEqual(['EventsPublishChanges', 'EventsCountChanges']);
});

test.each(Object.keys(restored))(
  '%s alone is refused: tasks and agents must be restored to the same time',
  async (name) => {
    const one = { [name]: restored[name as keyof typeof restored] };
    await expect(synthesize('dev', one)).rejects.toThrow(
      'Set restoredTasksStreamArn and restoredAgentsTableArn together',
    );
  },
);
