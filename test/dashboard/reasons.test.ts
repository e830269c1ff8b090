import { expect, test } from 'vitest';
import { inWords, withClockTimes } from '../../clients/dashboard/view/reasons.ts';
import { noteOf } from '../../clients/dashboard/view/graph.ts';
import { graphTasks } from './graph-tasks.ts';

test.each([
  ['dependency_failed', 'a dependency failed'],
  ['timed_out: after 60 s', 'timed out: after 60 s'],
  ['agent_lost', 'its agent stopped responding'],
  ['released: no checkout', 'released: no checkout'],
  ['The task was cancelled: dependency_failed.', 'The task was cancelled: a dependency failed.'],
  ['KeyError: my_timed_out_flag', 'KeyError: my_timed_out_flag'],
  ['set timed_out to true', 'set timed_out to true'],
])('"%s" reads "%s"', (reason, shown) => {
  expect(inWords(reason)).toBe(shown);
});

test('a box of the graph says in words why its task is blocked', () => {
  const [blocked] = graphTasks({ write: [[], 'blocked', { reason: 'dependency_failed' }] });
  expect(blocked && noteOf(blocked, () => undefined)).toBe('a dependency failed');
});

test('a sentence gives the time of day, and the date if it is another day', () => {
  const now = Date.parse('2026-11-26T10:30:00Z');
  const text = withClockTimes(
    'at work since 2026-11-26T10:27:41.309Z; the lease expires at 2026-11-28T00:00:00Z.',
    now,
  );
  expect(text).toMatch(/^at work since \d\d:\d\d:\d\d; the lease expires at [-\d]{10} \d\d:\d\d:\d\d\.$/);
  expect(withClockTimes('no 2026-99-99T99:99:99Z', now)).toBe('no 2026-99-99T99:99:99Z');
});
