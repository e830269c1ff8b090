import { runScript } from '../support/command.ts';
import { expect, test } from '../support/moved-muster.ts';
import type { TestMuster } from '../support/test-muster.ts';
import { createTask, ended, skill, startAgent } from './working-agent.ts';

/** Runs an agent in its own process. */
function agentProcess(muster: TestMuster, environment: Record<string, string> = {}) {
  const access = { MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin };
  return runScript('test/clients/agent-process.ts', { ...access, AGENT: skill(muster), ...environment });
}

test.for(['SIGTERM', 'SIGINT'] as const)(
  '%s releases unfinished tasks and ends the process',
  async (name, { muster }) => {
    const agent = agentProcess(muster);
    const task = await createTask(muster, { task_type: 'endless' });
    await expect.poll(() => muster.status(task)).toBe('running');
    agent.kill(name);
    expect(await agent.ended()).toBe(0);
    // On a busy machine, a process ends before its last requests are answered.
    await expect.poll(() => muster.task(task)).toMatchObject({ status: 'pending', attempt: 1, retry_count: 0 });
    const left = () => muster.call('get_agent', { agent_id: skill(muster) });
    await expect.poll(left).toMatchObject({ state: 'left', load: 0 });
  },
);

test('the task of a killed process is done by another agent after its lease expires', async ({ muster }) => {
  const agent = agentProcess(muster);
  const task = await createTask(muster, { task_type: 'endless' });
  await expect.poll(() => muster.status(task)).toBe('running');
  agent.kill('SIGKILL');
  expect(await agent.ended()).toBe('SIGKILL');
  // A pending claim would make the process look alive.
  await muster.settled();

  await muster.clock.advance('6m');
  await muster.fire('sweep');
  expect(await muster.task(task)).toMatchObject({ status: 'pending', retry_count: 1 });
  startAgent(muster, { id: muster.name('other'), handler: ({ task: { attempt } }) => `attempt ${attempt}` });
  await muster.clock.advance('10s');
  await muster.fire('sweep');
  expect(await ended(muster, task)).toMatchObject({ status: 'completed', result: 'attempt 2' });
});

test('a killed process that restarts continues what it held', async ({ muster }) => {
  const killed = agentProcess(muster);
  const task = await createTask(muster, { task_type: 'endless' });
  await expect.poll(() => muster.status(task)).toBe('running');
  killed.kill('SIGKILL');
  await killed.ended();
  await muster.settled();
  const restarted = agentProcess(muster, { ENDLESS: 'no' });
  await expect.poll(restarted.output).toMatch(/Waiting: Agent \S+ is in use by instance \w+ on host \S+ since/);
  expect(await muster.status(task)).toBe('running');
  await muster.clock.advance('61s');
  expect(await ended(muster, task)).toMatchObject({ status: 'completed', result: 'attempt 2', retry_count: 0 });
});

test('a second process with the same id waits until the first has stopped, and nothing runs twice', async ({
  muster,
}) => {
  const [first, second] = [agentProcess(muster), agentProcess(muster)];
  const isWaiting = (process: typeof first) => process.output().includes('Waiting: Agent');
  await expect.poll(() => [first, second].filter(isWaiting).length).toBe(1);
  const [running, waiting] = isWaiting(second) ? [first, second] : [second, first];
  const tasks = await Promise.all([1, 2, 3].map(() => createTask(muster, { task_type: 'echo', content: 'said' })));
  for (const task of tasks) expect(await ended(muster, task)).toMatchObject({ attempt: 1, result: 'said' });
  expect(isWaiting(running)).toBe(false);
  expect(waiting.output()).not.toContain('registered');

  running.kill('SIGTERM');
  expect(await running.ended()).toBe(0);
  const last = await createTask(muster, { task_type: 'echo', content: 'by the second' });
  expect(await ended(muster, last)).toMatchObject({ attempt: 1, result: 'by the second' });
});

test('a process that takes over gets the tasks of the first, which stops', async ({ muster }) => {
  const first = agentProcess(muster);
  const task = await createTask(muster, { task_type: 'endless' });
  await expect.poll(() => muster.status(task)).toBe('running');
  agentProcess(muster, { ENDLESS: 'no', TAKEOVER: 'yes' });
  expect(await ended(muster, task)).toMatchObject({ status: 'completed', result: 'attempt 2', retry_count: 0 });
  expect(await first.ended()).toBe(1);
  expect(first.output()).toContain('agent_replaced');
  expect(await muster.call('get_agent', { agent_id: skill(muster) })).toMatchObject({ state: 'active' });
});

test('processes with ids of their own share the work and leave no agents behind', async ({ muster }) => {
  const id = skill(muster);
  const { key } = await muster.call('create_key', { role: 'agent', agent_id: id });
  const replicas = [1, 2].map(() => agentProcess(muster, { PER_PROCESS: 'yes', MUSTER_KEY: key }));
  const agents = async () =>
    (await muster.call('find_agents', { requirements: [id] })).agents.map(({ agent_id }) => agent_id);
  await expect.poll(agents).toHaveLength(2);
  for (const agent of await agents()) expect(agent).toMatch(new RegExp(`^${id}@.*-[0-9a-f]{4}$`));
  for (const replica of replicas) replica.kill('SIGTERM');
  expect(await Promise.all(replicas.map((replica) => replica.ended()))).toEqual([0, 0]);
  // As above.
  await expect.poll(agents).toEqual([]);
});

test('an unhandled rejection in a handler is reported and does not end the process', async ({ muster }) => {
  const agent = agentProcess(muster);
  const leaking = await createTask(muster, { task_type: 'leak' });
  expect(await ended(muster, leaking)).toMatchObject({ status: 'completed', result: 'done' });
  await expect.poll(agent.output).toContain('onError: Error: left alone of leak');
  await expect.poll(agent.output).toContain('onError: Error: left alone, later of leak');
  const next = await createTask(muster, { task_type: 'echo', content: 'still here' });
  expect(await ended(muster, next)).toMatchObject({ status: 'completed', result: 'still here' });
});

test('an unhandled rejection outside handlers ends the process, as without an agent', async ({ muster }) => {
  const agent = agentProcess(muster, { MISTAKE: 'yes' });
  expect(await agent.ended()).toBe(1);
  expect(agent.output()).toContain('Error: of the program');
});
