import { runScript } from '../support/command.ts';
import { expect, test } from '../support/own-muster.ts';
import type { TestMuster } from '../support/test-muster.ts';
import { createTask, ended, skill, startAgent } from './working-agent.ts';

/** Processes take their time to start on a busy machine. */
const slow = { timeout: 60_000 };

/** Runs an agent in a process of its own. */
function agentProcess(muster: TestMuster, environment: Record<string, string> = {}) {
  const access = { MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin };
  return runScript('test/clients/agent-process.ts', { ...access, AGENT: skill(muster), ...environment });
}

test.for(['SIGTERM', 'SIGINT'] as const)(
  '%s gives back what is not finished and ends the process',
  slow,
  async (name, { muster }) => {
    const agent = agentProcess(muster);
    const task = await createTask(muster, { task_type: 'endless' });
    await expect.poll(() => muster.status(task)).toBe('running');
    agent.kill(name);
    expect(await agent.ended).toBe(0);
    expect(await muster.task(task)).toMatchObject({ status: 'pending', attempt: 1, retry_count: 0 });
    expect(await muster.call('get_agent', { agent_id: skill(muster) })).toMatchObject({ state: 'left', load: 0 });
  },
);

test('the task of a killed process is done by another agent when its lease has run out', slow, async ({ muster }) => {
  const agent = agentProcess(muster);
  const task = await createTask(muster, { task_type: 'endless' });
  await expect.poll(() => muster.status(task)).toBe('running');
  agent.kill('SIGKILL');
  expect(await agent.ended).toBe('SIGKILL');

  startAgent(muster, { id: muster.name('other'), handler: ({ task: { attempt } }) => `attempt ${attempt}` });
  await muster.clock.advance('6m');
  await muster.fire('sweep');
  expect(await muster.task(task)).toMatchObject({ status: 'pending', retry_count: 1 });
  await muster.clock.advance('10s');
  await muster.fire('sweep');
  expect(await ended(muster, task)).toMatchObject({ status: 'completed', result: 'attempt 2' });
});

test('a process that was killed and starts again goes on with what it held', slow, async ({ muster }) => {
  const killed = agentProcess(muster);
  const task = await createTask(muster, { task_type: 'endless' });
  await expect.poll(() => muster.status(task)).toBe('running');
  killed.kill('SIGKILL');
  await killed.ended;
  startAgent(muster, { id: skill(muster), handler: ({ task: { attempt } }) => `attempt ${attempt}` });
  expect(await ended(muster, task)).toMatchObject({ status: 'completed', result: 'attempt 1' });
});

test('a promise that a handler leaves rejected is told and does not end the process', slow, async ({ muster }) => {
  const agent = agentProcess(muster);
  const leaking = await createTask(muster, { task_type: 'leak' });
  expect(await ended(muster, leaking)).toMatchObject({ status: 'completed', result: 'done' });
  await expect.poll(agent.output).toContain('onError: Error: left alone of leak');
  await expect.poll(agent.output).toContain('onError: Error: left alone, later of leak');
  const next = await createTask(muster, { task_type: 'echo', content: 'still here' });
  expect(await ended(muster, next)).toMatchObject({ status: 'completed', result: 'still here' });
});

test('one that the program itself leaves rejected ends it, as without an agent', slow, async ({ muster }) => {
  const agent = agentProcess(muster, { MISTAKE: 'yes' });
  expect(await agent.ended).toBe(1);
  expect(agent.output()).toContain('Error: of the program');
});
