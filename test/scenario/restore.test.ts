/** Both tables are restored from the middle of work, and a stage that takes them over completes it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { start, type Muster } from '#local/start.ts';
import { account, region } from '#local/template/aws.ts';
import { backUp, gateOf, restore, type Backup } from '../support/backup.ts';
import { patience } from '../support/patience.ts';
import { TestMuster } from '../support/test-muster.ts';

const agents = ['one', 'two', 'three'];
const restored = { tasks: 'tasks-restored', agents: 'agents-restored' };

const tableArn = (name: string) => `arn:aws:dynamodb:${region}:${account}:table/${name}`;
const settings = {
  restoredTasksStreamArn: `${tableArn(restored.tasks)}/stream/2026-11-26T00:00:00.000`,
  restoredAgentsTableArn: tableArn(restored.agents),
};

/** Two backups, and the callers' responses by the time the tasks were backed up. */
interface Moment {
  tasks: Backup;
  agents: Backup;
  accepted: string[];
  completed: string[];
  now: number;
}

let original: Muster;
const moments: Partial<Record<string, Moment>> = {};

const speakingTo = ({ url, keys }: Muster) =>
  new TestMuster({ namespace: 'r', local: undefined, url, keys, skip: (reason) => expect.fail(reason) });

beforeAll(async () => {
  original = await start({ quiet: true, schedules: false });
  const muster = speakingTo(original);
  const { TasksTable, AgentsTable } = original.template.outputs as Record<string, string>;
  const read = (table = '') => backUp(original.engine, table);
  const gate = gateOf(original.edge);

  const known = { accepted: [] as string[], completed: [] as string[] };
  for (const name of agents) await muster.agent(name, undefined, { max_concurrent_tasks: 4 });
  let isOver = false;
  const busy = [
    ...[1, 2].map(async () => {
      for (let n = 0; n < 2; n += 1) await produce(muster, original.clock.now(), known.accepted);
    }),
    ...agents.map(async (name) => {
      while (!isOver) await work(muster, muster.name(name), known.completed);
    }),
  ];
  const workGoesOn = (steps: number) => {
    const goal = known.completed.length + steps;
    // Much is still to be done, in any case.
    const isUnderWay = () => known.completed.length > goal && known.accepted.length > known.completed.length + 5;
    return vi.waitUntil(isUnderWay, { timeout: 60_000, interval: 5 });
  };
  const moment = async (): Promise<Moment> => ({
    tasks: await read(TasksTable),
    agents: await read(AgentsTable),
    accepted: [...known.accepted],
    completed: [...known.completed],
    now: original.clock.now(),
  });

  await workGoesOn(5);
  moments['both of one instant'] = await gate.closedFor(moment);
  await workGoesOn(3);
  const later = await gate.closedFor(moment);
  await workGoesOn(2);
  moments['the agents a moment later'] = { ...later, agents: await gate.closedFor(() => read(AgentsTable)) };
  isOver = true;
  await Promise.all(busy);
}, 120_000);

afterAll(() => original.stop());

test.each(['both of one instant', 'the agents a moment later'])(
  'work continues from restored tables, %s',
  async (name) => {
    const moment = moments[name];
    if (moment === undefined) throw new Error(`nothing was backed up as ${name}`);
    const local = await takeOver(moment);
    const muster = speakingTo(local);

    const completed: string[] = [];
    // Something was still to be done.
    expect(moment.accepted.length).toBeGreaterThan(moment.completed.length);
    const allAreCompleted = async () => {
      await local.clock.advance('6m');
      await local.fire('sweep');
      await local.settled();
      for (const agent of agents) await work(muster, muster.name(agent), completed);
      const statuses = await Promise.all(moment.accepted.map((task) => muster.status(task)));
      return statuses.filter((status) => status !== 'completed');
    };
    await expect.poll(allAreCompleted, { timeout: 90_000 }).toEqual([]);

    // Completed tasks were not done again.
    expect(completed.filter((task) => moment.completed.includes(task))).toEqual([]);
    for (const task of moment.accepted) {
      const { history } = await muster.task(task);
      expect(history.filter(({ status }) => status === 'completed')).toHaveLength(1);
    }
    for (const agent of agents) {
      const { holding } = await muster.call('get_agent', { agent_id: muster.name(agent) });
      expect(holding).toEqual([]);
    }
    // Changes that were in the stream at that instant are not in the counts until they are rebuilt.
    await recount(muster, local);
    const { waiting, pending, assigned, running, blocked } = await muster.call('get_queue_statistics', {});
    expect({ waiting, pending, assigned, running, blocked }).toEqual({
      waiting: 0,
      pending: 0,
      assigned: 0,
      running: 0,
      blocked: 0,
    });
  },
  120_000,
);

/** A stage that takes over the restored tables, ten minutes after the backup. */
async function takeOver({ tasks, agents: ofAgents, now }: Moment): Promise<Muster> {
  const data = mkdtempSync(join(tmpdir(), 'muster-restore-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  await restore(data, { [restored.tasks]: tasks, [restored.agents]: ofAgents });
  const local = await start({ data, settings, quiet: true, schedules: false, now: now + 10 * 60_000 });
  onTestFinished(() => local.stop());
  return local;
}

/** A chain, a graph, a delayed task and one that fails at first. */
async function produce(muster: TestMuster, now: number, accepted: string[]): Promise<void> {
  const first = await muster.create({ routing: 'auto' });
  accepted.push(first);
  accepted.push(await muster.create({ routing: 'auto', dependencies: [first] }));
  accepted.push(await muster.create({ routing: 'auto', not_before: new Date(now + 30 * 60_000).toISOString() }));
  accepted.push(await muster.create({ content: 'fails first', routing: 'auto' }));
  const requirements = [muster.name('skill')];
  const { tasks = {} } = await muster.call('submit_graph', {
    tasks: [
      { key: 'top', content: 'top', requirements },
      ...['left', 'right'].map((key) => ({ key, content: key, requirements, dependencies: ['top'] })),
      { key: 'end', content: 'end', requirements, dependencies: ['left', 'right'] },
    ],
  });
  accepted.push(...Object.values(tasks));
}

/** Works as an agent that remembers nothing, until it gets no more tasks. */
async function work(muster: TestMuster, agent_id: string, completed: string[]): Promise<void> {
  const wait = patience(() => `the last task, after ${completed.length} were completed`);
  for (;;) {
    wait();
    const { tasks } = await muster.call('claim_tasks', { agent_id, limit: 2, holding: [] });
    if (tasks.length === 0) return;
    for (const { task_id, attempt, content } of tasks) {
      if (content === 'fails first' && attempt === 1) {
        await muster.call('fail_task', { task_id, agent_id, attempt, error: 'the first time' });
        continue;
      }
      await muster.call('complete_task', { task_id, agent_id, attempt, result: 'done' });
      completed.push(task_id);
    }
  }
}

async function recount(muster: TestMuster, local: Muster): Promise<void> {
  let cursor: string | undefined;
  do {
    ({ next_cursor: cursor } = await muster.call('recount', { ...(cursor !== undefined && { cursor }) }));
    await local.clock.advance('16s');
    await local.settled();
  } while (cursor !== undefined);
}
