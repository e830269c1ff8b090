/** `npm start` is killed in the middle of its work and started again on the same data folder. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { start } from '#local/start.ts';
import { startCommand } from '../support/command.ts';
import { patience } from '../support/patience.ts';
import { TestMuster } from '../support/test-muster.ts';

const agents = ['one', 'two'];

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-durability-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const speakingTo = ({ url, keys }: Pick<TestMuster, 'url' | 'keys'>) =>
  new TestMuster({
    namespace: 'd',
    local: undefined,
    url,
    keys,
    skip: (reason) => {
      throw new Error(reason);
    },
  });

/** What the producer and agents know from their responses. */
interface Known {
  accepted: Map<string, string>;
  completed: Set<string>;
}

/** Creates pairs of tasks, the second of which depends on the first, for as long as Muster responds. */
async function produce(muster: TestMuster, { accepted }: Known, pairs: number): Promise<void> {
  for (let n = 0; n < pairs; n += 1) {
    let dependencies: string[] = [];
    for (const content of [`first ${n}`, `second ${n}`]) {
      const task_id = await muster.create({ content, dependencies, routing: 'auto' });
      accepted.set(task_id, content);
      dependencies = [task_id];
    }
  }
}

/** Works as an agent that forgets everything when a request fails, until there is no work. */
async function work(muster: TestMuster, agent_id: string, { completed }: Known): Promise<void> {
  const wait = patience(() => `the last task, after ${completed.size} were completed`);
  for (;;) {
    wait();
    const { tasks } = await muster.call('claim_tasks', { agent_id, limit: 2, holding: [] });
    if (tasks.length === 0) return;
    for (const { task_id, attempt, content } of tasks) {
      await muster.call('complete_task', { task_id, agent_id, attempt, result: `did ${content}` });
      completed.add(task_id);
    }
  }
}

/** Lets the producer and agents run until a condition holds, then kills Muster. */
async function killWhen(data: string, known: Known, isTime: () => boolean): Promise<void> {
  const command = await startCommand(data);
  const muster = speakingTo(command);
  for (const name of agents) await muster.agent(name);
  let isKilled = false;
  const workUntilKilled = async (name: string) => {
    while (!isKilled) await work(muster, muster.name(name), known);
  };
  const busy = Promise.allSettled([
    produce(muster, known, 100),
    produce(muster, known, 100),
    ...agents.map(workUntilKilled),
  ]);
  await expect.poll(isTime, { timeout: 60_000, interval: 5 }).toBe(true);
  command.kill('SIGKILL');
  isKilled = true;
  expect(await command.ended()).toBe('SIGKILL');
  await busy;
  await expect.poll(() => isAlive(enginePid(data))).toBe(false);
}

/** The process of a data folder's engine is recorded in the folder. */
const enginePid = (data: string) =>
  (JSON.parse(readFileSync(join(data, 'dynamodb', 'engine.json'), 'utf8')) as { pid: number }).pid;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('after any number of kills, every accepted task is completed once', async () => {
  const data = dataFolder();
  const known: Known = { accepted: new Map(), completed: new Set() };
  await killWhen(data, known, () => known.accepted.size >= 3);
  await killWhen(data, known, () => known.completed.size >= 4);

  // In this process, so that the clock can be moved to when lost wake-ups are repaired.
  const local = await start({ data, quiet: true, schedules: false, now: Date.now() + 60_000 });
  onTestFinished(() => local.stop());
  const muster = speakingTo(local);
  const allAreCompleted = async () => {
    await local.clock.advance('6m');
    await local.fire('sweep');
    await local.settled();
    for (const name of agents) await work(muster, await muster.agent(name), known);
    const { waiting, pending, assigned, running } = await muster.call('get_queue_statistics', {});
    return waiting + pending + assigned + running === 0;
  };
  await expect.poll(allAreCompleted, { timeout: 60_000 }).toBe(true);

  for (const [task_id, content] of known.accepted) {
    const task = await muster.task(task_id);
    expect(task).toMatchObject({ status: 'completed', content, result: `did ${content}` });
    expect(task.history.filter((entry) => entry.status === 'completed')).toHaveLength(1);
  }
  await local.settled();
  const { completed, total, failed } = await muster.call('get_queue_statistics', {});
  expect([completed, failed]).toEqual([total, 0]);
  expect(total).toBeGreaterThanOrEqual(known.accepted.size);
  const records = await Promise.all(agents.map((name) => muster.call('get_agent', { agent_id: muster.name(name) })));
  expect(records.reduce((sum, agent) => sum + agent.health.total_completed, 0)).toBe(total);
  expect(records.flatMap((agent) => agent.holding)).toEqual([]);
}, 120_000);

test('a stop during requests answers them, keeps what it answered, and does not affect another Muster', async () => {
  const data = dataFolder();
  const [command, other] = await Promise.all([startCommand(data), startCommand(dataFolder())]);
  const [muster, neighbor] = [speakingTo(command), speakingTo(other)];
  const creating = Array.from({ length: 20 }, () => muster.create({}));
  await creating[0];
  command.kill('SIGTERM');
  const accepted = (await Promise.allSettled(creating)).flatMap((one) =>
    one.status === 'fulfilled' ? [one.value] : [],
  );
  expect(await command.ended()).toBe(0);
  expect(isAlive(enginePid(data))).toBe(false);
  expect(accepted.length).toBeGreaterThan(0);

  const again = speakingTo(await startCommand(data));
  for (const task_id of accepted) {
    expect(await again.status(task_id)).toBe('pending');
    expect(await neighbor.refusal('get_task', { task_id })).toMatchObject({ status: 404 });
  }
  const { task_id } = await neighbor.task(await neighbor.create({}));
  expect(await again.refusal('get_task', { task_id }, neighbor.keys.admin)).toMatchObject({ status: 401 });
});
