/** Why a task is not running: every state in a real situation, and that routing agrees with the explanation. */
import fc from 'fast-check';
import { onTestFinished } from 'vitest';
import { limits } from '#shared/contract/limits.ts';
import * as faults from '../support/faults.ts';
import { expect, test } from '../support/own-muster.ts';
import type { TestMuster } from '../support/test-muster.ts';

const explain = (muster: TestMuster, task_id: string) => muster.call('explain_task', { task_id });

test('without registered agents, no nearest agents are listed', async ({ muster }) => {
  // The first test of the file, on the file's own Muster.
  await muster.local.settled();
  const task_id = await muster.create({ requirements: [] });
  expect(await explain(muster, task_id)).toEqual({
    task_id,
    status: 'pending',
    state: 'no_capable_agent',
    sentence: 'No agent is registered.',
  });
  await muster.call('cancel_task', { task_id });
});

test('a waiting task lists its unmet dependencies with their states', async ({ muster }) => {
  const [met, open, begun] = await muster.create([{}, {}, {}]);
  await muster.finish(met);
  await muster.start(begun);
  const task_id = await muster.create({ dependencies: [met, open, begun] });
  expect(await explain(muster, task_id)).toEqual({
    task_id,
    status: 'waiting',
    state: 'waiting_on_dependencies',
    dependencies: [
      { task_id: open, status: 'pending' },
      { task_id: begun, status: 'running' },
    ],
    sentence: `The task is waiting for ${open} (pending), ${begun} (running).`,
  });

  await muster.finish(open);
  await muster.settled();
  expect((await explain(muster, task_id)).dependencies).toEqual([{ task_id: begun, status: 'running' }]);
});

test('a blocked task names what blocks it and what to do, and not what it merely waits for', async ({ muster }) => {
  const [failed, cancelled, open] = await muster.create([{}, {}, {}]);
  const task_id = await muster.create({ dependencies: [failed, open, cancelled] });
  const next = await muster.create({ dependencies: [task_id] });
  await muster.end(failed, 'failed');
  await muster.end(cancelled, 'cancelled');
  await muster.until(next, 'blocked');
  expect(await explain(muster, task_id)).toMatchObject({
    status: 'blocked',
    state: 'blocked_by',
    dependencies: [
      { task_id: failed, status: 'failed' },
      { task_id: cancelled, status: 'cancelled' },
    ],
    sentence: expect.stringMatching(/is blocked by .*: retry the failed dependency, or cancel the task\.$/) as string,
  });
  expect(await explain(muster, next)).toMatchObject({
    state: 'blocked_by',
    dependencies: [{ task_id, status: 'blocked' }],
  });

  await muster.call('retry_task', { task_id: failed });
  await muster.call('retry_task', { task_id: cancelled });
  await muster.until(task_id, 'waiting');
  const { state, dependencies } = await explain(muster, task_id);
  expect([state, dependencies?.map((one) => one.task_id)]).toEqual([
    'waiting_on_dependencies',
    [failed, open, cancelled],
  ]);
});

test('a delayed task shows its time, and is assigned then', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const not_before = new Date(muster.clock.now() + 120_000).toISOString();
  const task_id = await muster.create({ routing: 'auto', not_before });
  await muster.settled();
  expect(await explain(muster, task_id)).toEqual({
    task_id,
    status: 'pending',
    state: 'delayed_until',
    delayed_until: not_before,
    sentence: `The task is not ready until ${not_before}.`,
  });
  await muster.clock.advance('121s');
  expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(agent_id);
});

test('a failed task shows the time of its next attempt, and is ready then', async ({ muster }) => {
  await muster.agent('worker');
  const task_id = await muster.create({ max_attempts: 100 });
  const explained = await muster.whileDelayed(task_id, () => explain(muster, task_id));
  const { not_before = '' } = await muster.task(task_id);
  expect(explained).toMatchObject({
    state: 'delayed_until',
    delayed_until: not_before,
    sentence: `The task is waiting to be retried at ${not_before}.`,
  });
  await muster.settled();
  // Message delays are in whole seconds.
  await muster.clock.advance(Math.max(0, Date.parse(not_before) - muster.clock.now()) + 1000);
  await muster.settled();
  expect(await explain(muster, task_id)).toMatchObject({ state: 'ready', position: 1 });
});

test('a capability that no agent has is named, with similar known ones and the nearest agents', async ({ muster }) => {
  const [pyhton, python, web] = muster.names('pyhton', 'python', 'web');
  const [both, one] = [await muster.agent('b-both', [python, web]), await muster.agent('a-one', [web])];
  const task_id = await muster.create({ routing: 'auto', requirements: [pyhton, web, python] });
  await muster.settled();
  const explained = await explain(muster, task_id);
  expect(explained).toMatchObject({
    status: 'pending',
    state: 'no_capable_agent',
    missing_capabilities: [pyhton],
    did_you_mean: { [pyhton]: [python] },
    sentence: `No agent has ${pyhton}. Did you mean ${python} instead of ${pyhton}?`,
  });
  expect(explained.nearest_agents?.slice(0, 2)).toEqual([
    { agent_id: both, lacks: [pyhton] },
    { agent_id: one, lacks: [pyhton, python] },
  ]);
  expect(await muster.call('route_task', { task_id })).toMatchObject({ selected_agent: null, candidates: [] });

  await muster.call('learn_capability', { agent_id: both, capability: pyhton });
  expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(both);
});

test('a name unlike any other gets no suggestion', async ({ muster }) => {
  const [python, cobol] = muster.names('python', 'cobol');
  await muster.agent('worker', [python]);
  const explained = await explain(muster, await muster.create({ requirements: [cobol] }));
  expect(explained).toMatchObject({ missing_capabilities: [cobol], sentence: `No agent has ${cobol}.` });
  expect(explained).not.toHaveProperty('did_you_mean');
});

test('requirements that no single agent combines are distinguished from a missing capability', async ({ muster }) => {
  const [python, sql, web] = muster.names('python', 'sql', 'web');
  await muster.agent('only-python', [python]);
  await muster.agent('only-sql', [sql]);
  const near = await muster.agent('near', [python, web]);
  const task_id = await muster.create({ routing: 'auto', requirements: [web, sql, python] });
  await muster.settled();
  const explained = await explain(muster, task_id);
  expect(explained).toMatchObject({
    state: 'no_capable_agent',
    sentence: `No single agent has all of ${[python, sql, web].join(', ')}.`,
  });
  expect(explained).not.toHaveProperty('missing_capabilities');
  expect(explained.nearest_agents?.[0]).toEqual({ agent_id: near, lacks: [sql] });

  await muster.call('learn_capability', { agent_id: near, capability: sql });
  expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(near);
});

/** Each creates an agent and a task that it cannot be assigned, and returns a function that makes it possible. */
const hindrances = {
  async full(muster: TestMuster) {
    const agent_id = await muster.agent('busy', undefined, { max_concurrent_tasks: 1 });
    const held = await muster.create({ routing: 'auto' });
    await muster.until(held, 'assigned');
    return { agent_id, task_id: await muster.create({ routing: 'auto' }), cure: () => muster.finish(held) };
  },
  async draining(muster: TestMuster) {
    const agent_id = await muster.agent('leaving');
    await muster.call('drain_agent', { agent_id });
    const task_id = await muster.create({ routing: 'auto' });
    return { agent_id, task_id, cure: () => muster.call('resume_agent', { agent_id }) };
  },
  async stale(muster: TestMuster) {
    const agent_id = await muster.agent('absent');
    // The router may be looking for work for the agent that has just registered.
    await muster.settled();
    await muster.clock.advance('185s');
    const task_id = await muster.create({ routing: 'auto' });
    return { agent_id, task_id, cure: () => muster.call('heartbeat_agent', { agent_id }) };
  },
  async excluded(muster: TestMuster) {
    const agent_id = await muster.agent('unwilling');
    const task_id = await muster.create({ routing: 'auto' });
    await muster.until(task_id, 'assigned');
    await muster.call('release_task', { task_id, reason: 'not me' });
    const cure = async () => {
      await muster.clock.advance('10m');
      return muster.call('heartbeat_agent', { agent_id });
    };
    return { agent_id, task_id, cure };
  },
};

for (const [reason, hinder] of Object.entries(hindrances)) {
  test(`an agent that is ${reason} is assigned nothing, as explained, until it no longer is`, async ({ muster }) => {
    const { agent_id, task_id, cure } = await hinder(muster);
    await muster.settled();
    expect(await explain(muster, task_id)).toEqual({
      task_id,
      status: 'pending',
      state: 'capable_agents_unavailable',
      agents: [{ agent_id, reason }],
      position: 1,
      sentence: expect.stringContaining(`No capable agent is available: ${agent_id} is ${reason}`) as string,
    });
    expect(await muster.call('route_task', { task_id })).toMatchObject({
      selected_agent: null,
      candidates: [{ agent_id, available: false, reason }],
    });

    await cure();
    expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(agent_id);
  });
}

test('each capable agent is listed with its own reason', async ({ muster }) => {
  const reasons: Record<string, string> = { [await muster.agent('absent')]: 'stale' };
  const unwilling = await muster.agent('unwilling');
  const task_id = await muster.create({});
  await muster.call('assign_task', { task_id, agent_id: unwilling });
  await muster.clock.advance('100s');
  await muster.call('release_task', { task_id, agent_id: unwilling, reason: 'not me' });
  await muster.clock.advance('100s');
  reasons[unwilling] = 'excluded';

  const busy = await muster.agent('busy', undefined, { max_concurrent_tasks: 1 });
  await muster.call('assign_task', { task_id: await muster.create({}), agent_id: busy });
  reasons[busy] = 'full';
  const leaving = await muster.agent('leaving');
  await muster.call('drain_agent', { agent_id: leaving });
  reasons[leaving] = 'draining';
  const gone = await muster.agent('gone');
  await muster.call('drain_agent', { agent_id: gone, until_registered: true });
  reasons[gone] = 'left';

  await muster.clock.advance('6s');
  const { state, agents } = await explain(muster, task_id);
  expect(state).toBe('capable_agents_unavailable');
  expect(Object.fromEntries((agents ?? []).map((one) => [one.agent_id, one.reason]))).toEqual(reasons);
});

test('an agent that routing dropped after an hour is still listed as capable', async ({ muster }) => {
  const agent_id = await muster.agent('old');
  await muster.clock.advance('70m');
  // Each sweep reviews one of 16 parts of all agents.
  const known = async () => (await muster.call('find_agents', { requirements: [muster.name('skill')] })).agents;
  for (let n = 0; n < 16 && (await known()).length > 0; n += 1) {
    await muster.clock.advance('1m');
    await muster.fire('sweep');
  }
  expect(await known()).toEqual([]);
  const task_id = await muster.create({ routing: 'auto' });
  await muster.settled();
  expect(await explain(muster, task_id)).toMatchObject({
    state: 'capable_agents_unavailable',
    agents: [{ agent_id, reason: 'stale' }],
  });
  expect(await muster.call('route_task', { task_id })).toMatchObject({ selected_agent: null, candidates: [] });

  await muster.call('heartbeat_agent', { agent_id });
  expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(agent_id);
});

test('ready tasks show their position in the lane, in claim order', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const ordered = [];
  for (const priority of ['medium', 'medium', 'critical'] as const) ordered.push(await muster.create({ priority }));
  const [second = '', third = '', first = ''] = ordered;
  for (const [n, task_id] of [first, second, third].entries()) {
    expect(await explain(muster, task_id)).toEqual({
      task_id,
      status: 'pending',
      state: 'ready',
      position: n + 1,
      sentence: `The task is ready, number ${n + 1} in its lane: it is waiting to be claimed or assigned.`,
    });
    expect((await muster.call('route_task', { task_id })).selected_agent).toBe(agent_id);
  }
  const { tasks } = await muster.call('claim_tasks', { agent_id, limit: 3 });
  expect(tasks.map((task) => task.task_id)).toEqual([first, second, third]);
});

test('a task whose message was lost is still ready, and assigned by the sweep', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  await muster.settled();
  const end = muster.local.edge.intercept(faults.loseMessages().hook);
  onTestFinished(end);
  const task_id = await muster.create({ routing: 'auto' });
  await muster.settled();
  end();
  expect(await explain(muster, task_id)).toMatchObject({
    state: 'ready',
    position: 1,
    sentence: expect.stringContaining('a capable agent is available and will be assigned it') as string,
  });
  await muster.clock.advance('61s');
  await muster.fire('sweep');
  expect((await muster.until(task_id, 'assigned')).assigned_to).toBe(agent_id);
});

test('a ready task goes to the next capable agent with room, and a task whose delay has ended is ready', async ({
  muster,
}) => {
  let runs = 0;
  const actions = [
    'create',
    'create delayed',
    'claim',
    'fail',
    'release',
    'cancel',
    'retry',
    'moment',
    'while',
  ] as const;
  const story = fc.array(
    fc.record({ action: fc.constantFrom(...actions), routing: fc.constantFrom('manual', 'auto') }),
    {
      minLength: 6,
      maxLength: 14,
    },
  );

  async function play(steps: readonly { action: (typeof actions)[number]; routing: 'manual' | 'auto' }[]) {
    runs += 1;
    const requirements = [muster.name(`skill-${runs}`)];
    const worker = await muster.agent(`worker-${runs}`, requirements, { max_concurrent_tasks: 2 });
    const ids: string[] = [];
    for (const { action, routing } of steps) {
      const task_id = ids.at(-1) ?? '';
      const not_before = new Date(muster.clock.now() + 30_000).toISOString();
      const report = { error: 'failed by the test', reason: 'not me' };
      if (action === 'create') ids.push(await muster.create({ requirements, routing }));
      else if (action === 'create delayed') ids.push(await muster.create({ requirements, routing, not_before }));
      else if (action === 'claim') await muster.call('claim_tasks', { agent_id: worker });
      else if (action === 'moment') await muster.clock.advance('5s');
      else if (action === 'while') await muster.clock.advance('31s');
      else if (task_id !== '') await muster.http('POST', `/v1/tasks/${task_id}/${action}`, bodyFor(action, report));
      await muster.settled();
    }
    await muster.clock.advance('1s');
    const idle = await muster.agent(`idle-${runs}`, requirements, { max_concurrent_tasks: 20 });
    const settledAt = muster.clock.now();
    await muster.settled();
    const pending = (await Promise.all(ids.map((id) => muster.task(id)))).filter(({ status }) => status === 'pending');
    const explained = await Promise.all(pending.map(({ task_id }) => explain(muster, task_id)));
    for (const { state, delayed_until = '', held_by } of explained) {
      // The router may be woken at any moment because a delay has ended.
      if (state === 'held') expect(held_by).toBeOneOf([idle, worker]);
      else if (state !== 'ready')
        expect([state, Date.parse(delayed_until)]).toEqual([
          'delayed_until',
          expect.toSatisfy((at: number) => at > settledAt),
        ]);
    }
    const ready = explained.flatMap(({ state, task_id }) => (state === 'ready' ? [task_id] : []));
    for (let claimed = 0; claimed < ready.length; claimed += limits.claimSize)
      await muster.call('claim_tasks', { agent_id: idle, limit: limits.claimSize });
    // The worker also has room.
    for (const id of ready) expect((await muster.task(id)).assigned_to).toBeOneOf([idle, worker]);
    for (const task_id of ids) await muster.http('POST', `/v1/tasks/${task_id}/cancel`, {});
    for (const agent_id of [worker, idle]) await muster.call('deregister_agent', { agent_id });
  }
  await fc.assert(fc.asyncProperty(story, play), { numRuns: 12 });
});

/** The body of an action that the task may refuse. */
function bodyFor(action: string, { error, reason }: { error: string; reason: string }): object {
  return action === 'fail' ? { error } : action === 'release' ? { reason } : {};
}

test('a held task shows its holder, since when and until when', async ({ muster }) => {
  const agent_id = await muster.agent('worker');
  const task_id = await muster.create({});
  await muster.call('assign_task', { task_id, agent_id });
  const assigned = await muster.task(task_id, 'assigned');
  expect(await explain(muster, task_id)).toEqual({
    task_id,
    status: 'assigned',
    state: 'held',
    held_by: agent_id,
    held_since: assigned.assigned_at,
    lease_expires_at: assigned.lease_expires_at,
    silent_seconds: expect.toSatisfy((seconds: number) => seconds >= 0 && seconds < 60) as number,
    sentence: `The task is assigned to agent ${agent_id}, which must start it by ${assigned.lease_expires_at}.`,
  });

  await muster.call('start_task', { task_id });
  const { started_at } = await muster.task(task_id, 'running');
  await muster.clock.advance('1m');
  const { lease_expires_at } = await muster.call('heartbeat_task', { task_id });
  expect(await explain(muster, task_id)).toMatchObject({
    status: 'running',
    state: 'held',
    held_by: agent_id,
    held_since: started_at,
    lease_expires_at,
    sentence: `Agent ${agent_id} has been working on the task since ${started_at}; its lease expires at ${lease_expires_at}.`,
  });

  await muster.clock.advance('2m');
  const silent = await explain(muster, task_id);
  expect(silent.silent_seconds).toBeGreaterThanOrEqual(120);
  expect(silent.silent_seconds).toBeLessThan(150);
  expect(silent.sentence).toMatch(new RegExp(` The agent was last seen ${silent.silent_seconds} seconds ago\\.$`));
});

test('an ended task shows that it has ended, and why', async ({ muster }) => {
  const [completed, failed, cancelled] = await muster.create([{}, {}, {}]);
  const dependent = await muster.create({ dependencies: [failed], on_dependency_failure: 'cancel' });
  await muster.fail(completed, true);
  await muster.finish(completed);
  await muster.end(failed, 'failed');
  await muster.call('cancel_task', { task_id: cancelled, reason: 'not needed.' });
  await muster.until(dependent, 'cancelled');
  const retried = await muster.create({ dependencies: [failed], on_dependency_failure: 'cancel' });
  await muster.call('retry_task', { task_id: retried });
  for (const [task_id, status, how] of [
    [completed, 'completed', 'completed'],
    [failed, 'failed', 'failed: failed by the test'],
    [cancelled, 'cancelled', 'was cancelled: not needed'],
    [dependent, 'cancelled', 'was cancelled: dependency_failed'],
    [retried, 'cancelled', 'was cancelled: retried: a dependency has failed'],
  ] as const) {
    const sentence = `The task ${how}.`;
    expect(await explain(muster, task_id)).toEqual({ task_id, status, state: 'ended', sentence });
  }
});

test('an unknown task cannot be explained', async ({ muster }) => {
  const task_id = muster.name('nothing');
  expect(await muster.refusal('explain_task', { task_id })).toMatchObject({ status: 404, code: 'task_not_found' });
});
