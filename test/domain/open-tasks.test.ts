import { expect, test } from 'vitest';
import { noCounts, openTasksBy } from '#shared/domain/statistics.ts';

const now = Date.UTC(2026, 10, 26);
const minute = 60_000;
const counts = {
  ...noCounts(),
  waiting: 1,
  blocked: 2,
  pending: 4,
  pendingAuto: 4,
  assigned: 8,
  running: 16,
  completed: 99,
};

test.each([
  ['is the sum of the open statuses', counts, 0, 31],
  ['is zero if there are none', noCounts(), 0, 0],
  ['is known for ten minutes', counts, 10 * minute, 31],
  ['is in doubt after that', counts, 10 * minute + 1, undefined],
  ['is in doubt if a count is below zero', { ...counts, blocked: -1 }, 0, undefined],
  ['is in doubt if a part exceeds the whole', { ...counts, pendingAuto: 5 }, 0, undefined],
])('the number of open tasks %s', (_, counted, age, open) => {
  expect(openTasksBy(counted, now - age, now)).toBe(open);
});
