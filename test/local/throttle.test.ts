import { expect, test } from 'vitest';
import { Throttle, type ThrottleLimits } from '#local/gateway/throttle.ts';

const slow = 'POST /slow';
const quick = 'POST /quick';

/** A throttle with its own clock, and a function that counts how many requests it admits. */
function throttled(stage: ThrottleLimits, routes: Record<string, ThrottleLimits> = {}) {
  let now = 0;
  const throttle = new Throttle(stage, routes, () => now);
  return {
    admitted: (routeKey: string, requests: number) =>
      Array.from({ length: requests }, () => throttle.admits(routeKey)).filter(Boolean).length,
    pass: (ms: number) => (now += ms),
  };
}

test('a stage admits its burst at once, and then its rate', () => {
  const { admitted, pass } = throttled({ rate: 10, burst: 3 });
  expect(admitted(quick, 5)).toBe(3);
  pass(100);
  expect(admitted(quick, 5)).toBe(1);
  pass(99);
  expect(admitted(quick, 5)).toBe(0);
  pass(60_000);
  expect(admitted(quick, 5)).toBe(3);
});

test('a route with its own limits admits its own burst and rate', () => {
  const { admitted, pass } = throttled({ rate: 1000, burst: 1000 }, { [slow]: { rate: 2, burst: 4 } });
  expect(admitted(slow, 9)).toBe(4);
  pass(1000);
  expect(admitted(slow, 9)).toBe(2);
  expect(admitted(quick, 100)).toBe(100);
});

test('requests that a route refuses do not count against the others', () => {
  const { admitted } = throttled({ rate: 0.001, burst: 10 }, { [slow]: { rate: 0.001, burst: 2 } });
  expect(admitted(slow, 1000)).toBe(2);
  expect(admitted(quick, 1000)).toBe(8);
});

test("requests that a route admits count against the stage's limit", () => {
  const { admitted } = throttled({ rate: 0.001, burst: 3 }, { [slow]: { rate: 100, burst: 100 } });
  expect(admitted(slow, 100)).toBe(3);
  expect(admitted(quick, 100)).toBe(0);
});

test('a stage without limits admits everything', () => {
  expect(throttled({ rate: Infinity, burst: Infinity }).admitted(quick, 10_000)).toBe(10_000);
});
