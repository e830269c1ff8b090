/** What is known about agents from the outcomes of their tasks, and how it decides who gets the next one. */
import { onTestFinished } from 'vitest';
import * as faults from '../support/faults.ts';
import { expect, test } from '../support/moved-muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

/** Lets an agent complete or fail one task that requires these capabilities. */
async function work(muster: TestMuster, agent_id: string, requirements: string[], as: 'completed' | 'failed') {
  const task_id = await muster.create({ requirements });
  await muster.call('assign_task', { task_id, agent_id });
  return as === 'completed' ? muster.finish(task_id) : muster.fail(task_id);
}

async function evidence(muster: TestMuster, agent_id: string) {
  const { capabilities } = await muster.call('get_agent', { agent_id });
  return Object.fromEntries(capabilities.map(({ name, ...rest }) => [name, rest]));
}

test('a declared capability is fully trusted at first, a learned one as given', async ({ muster }) => {
  const [python, ml] = muster.names('python', 'ml');
  const agent_id = await muster.agent('student', [python]);
  await muster.call('learn_capability', { agent_id, capability: ml, confidence: 0.5 });
  expect(await evidence(muster, agent_id)).toEqual({
    [python]: { confidence: 1, source: 'declared', completed: 0, failed: 0 },
    [ml]: { confidence: 0.5, source: 'learned', completed: 0, failed: 0 },
  });
});

test('each outcome changes the confidence only in what its task required', async ({ muster }) => {
  const [python, ml, web] = muster.names('python', 'ml', 'web');
  const agent_id = await muster.agent('student', [python, web]);
  await muster.call('learn_capability', { agent_id, capability: ml, confidence: 0.5 });

  // The prior weighs as much as four outcomes: (prior * 4 + successes) / (4 + successes + failures).
  await work(muster, agent_id, [python], 'failed');
  await work(muster, agent_id, [ml, python], 'completed');
  await work(muster, agent_id, [ml], 'completed');
  await work(muster, agent_id, [], 'failed');
  expect(await evidence(muster, agent_id)).toEqual({
    [python]: { confidence: expect.closeTo(5 / 6) as number, source: 'declared', completed: 1, failed: 1 },
    [ml]: { confidence: expect.closeTo(4 / 6) as number, source: 'learned', completed: 2, failed: 0 },
    [web]: { confidence: 1, source: 'declared', completed: 0, failed: 0 },
  });
  expect((await muster.call('get_agent', { agent_id })).health).toMatchObject({ total_completed: 2, total_failed: 2 });
});

test('only a failed run is evidence, not a task that was released, cancelled or reported twice', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const skill = muster.name('skill');
  const [released, cancelled, lost] = await muster.create([{}, {}, {}]);
  for (const task_id of [released, cancelled, lost]) {
    await muster.call('assign_task', { task_id, agent_id });
    await muster.call('start_task', { task_id });
  }
  await muster.call('release_task', { task_id: released, reason: 'not me' });
  await muster.call('cancel_task', { task_id: cancelled });
  const { task_id, attempt } = await work(muster, agent_id, [skill], 'completed');
  await muster.call('complete_task', { task_id, attempt, result: 'done' });
  await muster.settled();
  expect((await evidence(muster, agent_id))[skill]).toMatchObject({ confidence: 1, completed: 1, failed: 0 });

  await muster.clock.advance('331s');
  await muster.fire('sweep');
  await muster.until(lost, 'pending');
  expect((await evidence(muster, agent_id))[skill]).toMatchObject({ completed: 1, failed: 1 });
});

test('learned evidence is kept when the agent registers again', async ({ muster }) => {
  const [python, web] = muster.names('python', 'web');
  const agent_id = await muster.agent('worker', [python]);
  await work(muster, agent_id, [python], 'failed');
  await muster.agent('worker', [web, python]);
  expect(await evidence(muster, agent_id)).toMatchObject({
    [python]: { confidence: 0.8, failed: 1 },
    [web]: { confidence: 1, failed: 0 },
  });
});

test('each task goes to the agent with the best record for its requirements', async ({ muster }) => {
  const [python, web] = muster.names('python', 'web');
  const pythonist = await muster.agent('pythonist', [python, web]);
  const webmaster = await muster.agent('webmaster', [python, web]);
  // Equal records overall: half of what each of them did has failed.
  for (let n = 0; n < 2; n += 1) {
    await work(muster, pythonist, [python], 'completed');
    await work(muster, pythonist, [web], 'failed');
    await work(muster, webmaster, [web], 'completed');
    await work(muster, webmaster, [python], 'failed');
  }
  await muster.settled();
  for (const [requirement, proven, other] of [
    [python, pythonist, webmaster],
    [web, webmaster, pythonist],
  ] as const) {
    const task_id = await muster.create({ requirements: [requirement] });
    // score = (completed + 2) / (completed + failed + 2) * confidence * free share
    const score = (confidence: number): number => expect.closeTo((4 / 6) * confidence, 6) as number;
    expect(await muster.call('route_task', { task_id })).toMatchObject({
      selected_agent: proven,
      candidates: [
        { agent_id: proven, success_rate: 0.5, confidence: 1, score: score(1) },
        { agent_id: other, success_rate: 0.5, confidence: expect.closeTo(4 / 6) as number, score: score(4 / 6) },
      ],
    });
    const routed = await muster.create({ requirements: [requirement], routing: 'auto' });
    expect((await muster.until(routed, 'assigned')).assigned_to).toBe(proven);
    await muster.call('cancel_task', { task_id: routed });
  }
});

test("an agent's confidence for several requirements is the lowest one", async ({ muster }) => {
  const [python, ml] = muster.names('python', 'ml');
  const agent_id = await muster.agent('student', [python]);
  await muster.call('learn_capability', { agent_id, capability: ml, confidence: 0.4 });
  const task_id = await muster.create({ requirements: [python, ml] });
  const { candidates } = await muster.call('route_task', { task_id });
  expect(candidates).toMatchObject([{ agent_id, confidence: 0.4 }]);
});

test('the outcome of a task counts once for its agent, whatever else is reported', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const [completed, failed] = await muster.create([{}, {}]);
  const report = (task_id: string, success: boolean) =>
    muster.call('update_agent_performance', { agent_id, task_id, success, duration_ms: 100 });
  for (const task_id of [completed, failed]) {
    await muster.call('assign_task', { task_id, agent_id });
    await muster.start(task_id);
  }
  // Before the outcome is counted, at the same time, and after it.
  await report(completed, true);
  await Promise.all([report(completed, true), muster.finish(completed), report(failed, false), muster.fail(failed)]);
  await Promise.all([report(completed, true), report(failed, false)]);
  await muster.settled();
  expect(await report(completed, true)).toMatchObject({ total_completed: 1, total_failed: 1 });

  const elsewhere = muster.name('elsewhere');
  await Promise.all([report(elsewhere, true), report(elsewhere, true)]);
  expect(await report(elsewhere, true)).toMatchObject({ total_completed: 2, total_failed: 1 });
  expect(await report(muster.name('another'), true)).toMatchObject({ total_completed: 3, total_failed: 1 });
});

test('work outside the queue counts once for the agent, even if a response was lost', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const lost = faults.loseFirstAnswers((call) => faults.isWrite(call) && JSON.stringify(call.body).includes(agent_id));
  onTestFinished(muster.local.edge.intercept(lost.hook));
  await muster.call('update_agent_performance', { agent_id, success: true, duration_ms: 100 });
  await muster.call('update_agent_performance', { agent_id, success: true, duration_ms: 300 });
  const health = await muster.call('update_agent_performance', { agent_id, success: false, duration_ms: 900 });
  expect(lost.happened()).toBeGreaterThan(0);
  expect(health).toMatchObject({ total_completed: 2, total_failed: 1, avg_completion_ms: 200 });
  expect(health.success_rate).toBeCloseTo(2 / 3);
  expect((await evidence(muster, agent_id))[muster.name('skill')]).toMatchObject({ completed: 0, failed: 0 });
});
