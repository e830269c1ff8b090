/** What version 0.2.0 may have left in queues when this version is deployed over it. These texts never change. */
import { expect, test } from 'vitest';
import { releaseIn } from '#shared/adapters/releases.ts';
import { wakeUpIn } from '#shared/adapters/wake-up-message.ts';

const event = {
  version: '0',
  'detail-type': 'Task Completed',
  source: 'muster.tasks',
  detail: {
    event_id: '1',
    schema_version: 1,
    occurred_at: '2026-11-26T10:00:00.000Z',
    task_id: 'A1',
    task_type: 'general',
    status: 'completed',
    previous_status: 'running',
    has_dependents: true,
  },
};

test.each([
  ['{"task_id":"A1"}', { task_id: 'A1' }],
  ['{"agent_id":"ada"}', { agent_id: 'ada' }],
])('the wake-up %s is accepted', (body, wakeUp) => {
  expect(wakeUpIn(body)).toEqual(wakeUp);
});

test('a release is accepted, as it was queued and as Lambda gave it up', () => {
  const givenUp = { version: '1.0', requestContext: { condition: 'RetriesExhausted' }, requestPayload: event };
  for (const body of [event, givenUp]) {
    expect(releaseIn(JSON.stringify(body)).detail).toMatchObject({ task_id: 'A1', status: 'completed' });
  }
});
