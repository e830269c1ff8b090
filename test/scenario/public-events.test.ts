/** Without public events, work continues as with them, since the release of dependents needs only internal ones. */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { awsError, type AwsCall } from '#local/edge/call.ts';
import { start, type Muster } from '#local/start.ts';
import { refuse } from '../support/faults.ts';
import { updates } from '../support/interleave.ts';
import { TestMuster } from '../support/test-muster.ts';

let local: Muster;
const put: { Source: string; DetailType: string }[] = [];
beforeAll(async () => {
  const settings = { publicEvents: 'none' };
  local = await start({ settings, quiet: true, schedules: false, warm: false, throttle: false });
  local.edge.intercept((call, next) => {
    if (call.action === 'PutEvents') put.push(...(call.body['Entries'] as typeof put));
    return next();
  });
});
afterAll(() => local.stop());

const musterFor = (namespace: string, skip: (reason: string) => never) =>
  new TestMuster({ namespace, local, url: local.url, keys: local.keys, skip });

test('more dependents are released than a completion updates itself', async ({ skip }) => {
  const muster = musterFor('many', skip);
  const parent = await muster.create({});
  const children = await muster.create(Array.from({ length: 12 }, () => ({ dependencies: [parent] })));
  await muster.finish(parent);
  for (const child of children) await muster.until(child, 'pending');
});

test('a failure blocks its dependents, and a successful retry releases them', async ({ skip }) => {
  const muster = musterFor('failure', skip);
  const parent = await muster.create({});
  const child = await muster.create({ dependencies: [parent] });
  const cancelled = await muster.create({ dependencies: [parent], on_dependency_failure: 'cancel' });
  await muster.start(parent);
  await muster.call('fail_task', { task_id: parent, error: 'broken', should_retry: false });
  await muster.until(child, 'blocked');
  await muster.until(cancelled, 'cancelled');
  await muster.call('retry_task', { task_id: parent });
  await muster.until(child, 'waiting');
  await muster.finish(parent);
  await muster.until(child, 'pending');
});

test('a completion that does not reach its dependent leaves it to the release', async ({ skip }) => {
  const muster = musterFor('crash', skip);
  const parent = await muster.create({});
  const child = await muster.create({ dependencies: [parent] });
  const isOfCompletion = (call: AwsCall) => call.caller.includes('Api') && updates(`T#${child}`)(call);
  const refused = refuse(isOfCompletion, Infinity, awsError('ValidationException', 'No'));
  onTestFinished(local.edge.intercept(refused.hook));
  await muster.finish(parent);
  await muster.until(child, 'pending');
  expect(refused.happened()).toBeGreaterThan(0);
});

test('the bus carries nothing else but internal events', async ({ skip }) => {
  await musterFor('last', skip).settled();
  const kinds = new Set(put.map(({ Source, DetailType }) => `${Source} ${DetailType}`));
  expect([...kinds]).toEqual(['muster.internal Release Dependents']);
});
