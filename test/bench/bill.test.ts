import { expect, test } from 'vitest';
import { billOf, totalOf } from '../../bench/bill.ts';

test('the bill for a million tasks is the sum of usage times price', () => {
  const used = {
    requests: 2,
    invocations: 3,
    calls: 10,
    readUnits: 4,
    writeUnits: 8,
    statisticsWriteUnits: 0.8,
    failedConditions: 0,
    queueRequests: 5,
    events: 1,
    logBytes: 1000,
  };
  const dollars = Object.fromEntries(billOf(used).map((line) => [line.what, Number(line.dollars.toFixed(4))]));
  expect(dollars).toEqual({
    'DynamoDB write units': 5,
    'DynamoDB write units of statistics': 0.5,
    'DynamoDB read units': 0.5,
    'HTTP API requests': 2,
    'Lambda invocations': 0.6,
    // 86 ms with half a GB.
    'Lambda GB-seconds, modelled': 0.5733,
    'SQS requests': 2,
    'EventBridge events': 1,
    'bytes of function logs': 0.5,
    'bytes of the access log': 0.27,
  });
  expect(totalOf(billOf(used))).toBeCloseTo(12.9433, 4);
});
