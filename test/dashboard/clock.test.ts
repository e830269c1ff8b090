import { expect, test } from 'vitest';
import { offsetAfter } from '../../clients/dashboard/view/clock.ts';

const sent = Date.parse('2026-11-26T10:00:00.400Z');
const answered = (date: string | null, tookMs = 200) => ({ date, sentAt: sent, receivedAt: sent + tookMs });

test.each([
  ['agree', 0, answered('Thu, 26 Nov 2026 10:00:00 GMT'), 0],
  ['agree across the second', 0, answered('Thu, 26 Nov 2026 10:00:01 GMT', 800), 0],
  ['have differed, and still may', -120_300, answered('Thu, 26 Nov 2026 09:58:00 GMT'), -120_300],
])('while the clocks %s, nothing changes', (_, before, answer, after) => {
  expect(offsetAfter(before, answer)).toBe(after);
});

test('a clock that is slow or fast is corrected to within a second plus the response time', () => {
  const behind = offsetAfter(0, answered('Thu, 26 Nov 2026 10:05:00 GMT'));
  expect(behind).toBeGreaterThanOrEqual(299_400);
  expect(behind).toBeLessThanOrEqual(300_600);
  const ahead = offsetAfter(behind, answered('Thu, 26 Nov 2026 09:00:00 GMT'));
  expect(Math.abs(ahead + 3_600_000)).toBeLessThanOrEqual(1_000);
});

test('a response without a date has no effect', () => {
  expect(offsetAfter(5_000, answered(null))).toBe(5_000);
  expect(offsetAfter(5_000, answered('soon'))).toBe(5_000);
});
