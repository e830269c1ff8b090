import { functionNamed } from '../../bench/laboratory.ts';
import type { TestMuster } from './test-muster.ts';

/** The DynamoDB consumption of the api function for one request. */
export async function costOf(muster: TestMuster, request: () => Promise<unknown>) {
  await muster.settled();
  const { meter } = muster.local;
  const before = meter.snapshot();
  await request();
  const caller = functionNamed(muster.local, 'api');
  const { readUnits, calls } = meter.since(before).total({ caller, service: 'dynamodb' });
  return { readUnits, calls };
}
