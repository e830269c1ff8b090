/**
 * Producers, agents that fail or die, people who interfere, clock jumps and lost AWS calls, all concurrent and random.
 * The invariants must hold, and in the end every task settles.
 */
import { onTestFinished } from 'vitest';
import type { Status } from '#shared/contract/nouns.ts';
import * as faults from '../support/faults.ts';
import { expect, test } from '../support/own-muster.ts';
import { patience } from '../support/patience.ts';
import { Chance } from '../support/random.ts';
import type { TestMuster } from '../support/test-muster.ts';

const taskCount = 30;
const agentNames = ['one', 'two', 'three', 'four'];
const policies = ['block', 'cancel', 'run_anyway'] as const;
const priorities = ['low', 'medium', 'high', 'critical'] as const;

class RandomWork {
  readonly tasks: string[] = [];
  /** Which agent got which attempt. */
  readonly given = new Map<string, string>();
  readonly results = new Map<string, unknown>();
  readonly #muster: TestMuster;
  readonly #chance: Chance;

  constructor(muster: TestMuster, chance: Chance) {
    this.#muster = muster;
    this.#chance = chance;
  }

  get isBusy(): boolean {
    return this.tasks.length < taskCount;
  }

  async produce(): Promise<void> {
    const chance = this.#chance;
    while (this.isBusy) {
      const parents = this.tasks.length > 0 && chance.happens(0.5) ? [chance.pick(this.tasks)] : [];
      const task_id = await this.#muster.create({
        routing: chance.happens(0.7) ? 'auto' : 'manual',
        dependencies: parents,
        priority: chance.pick(priorities),
        on_dependency_failure: chance.pick(policies),
        max_attempts: 1 + Math.floor(chance.fraction() * 3),
        timeout_seconds: chance.pick([60, 600]),
      });
      this.tasks.push(task_id);
    }
  }

  /** Claims and reports until nothing is left; randomly fails, or forgets what it holds. */
  async work(agent_id: string, isReliable: boolean): Promise<void> {
    const wait = patience(() => `the last task of ${agent_id}; there are ${this.results.size} results`, 100_000);
    for (;;) {
      wait();
      const holding = isReliable ? [] : undefined;
      const { tasks } = await this.#muster.call('claim_tasks', { agent_id, limit: 2, holding });
      if (isReliable ? tasks.length === 0 : !this.isBusy) return;
      for (const { task_id, attempt } of tasks) {
        this.#noteGiven(`${task_id}#${attempt}`, agent_id);
        if (!isReliable && this.#chance.happens(0.2)) continue;
        if (!isReliable && this.#chance.happens(0.2)) await this.#fail(task_id, agent_id, attempt);
        else await this.#complete(task_id, agent_id, attempt);
      }
    }
  }

  #noteGiven(attempt: string, agent_id: string): void {
    expect(this.given.get(attempt) ?? agent_id, `attempt ${attempt}`).toBe(agent_id);
    this.given.set(attempt, agent_id);
  }

  async #complete(task_id: string, agent_id: string, attempt: number): Promise<void> {
    const result = `${agent_id} in attempt ${attempt}`;
    const report = { agent_id, attempt, result };
    const { status } = await this.#muster.persist('POST', `/v1/tasks/${task_id}/complete`, report);
    if (status !== 200) return;
    expect(this.results.get(task_id) ?? result, `result of ${task_id}`).toBe(result);
    this.results.set(task_id, result);
  }

  async #fail(task_id: string, agent_id: string, attempt: number): Promise<void> {
    const should_retry = this.#chance.happens(0.7);
    await this.#muster.http('POST', `/v1/tasks/${task_id}/fail`, { agent_id, attempt, error: 'chance', should_retry });
  }

  /** Cancels, retries and assigns any task, and ignores refusals. */
  async interfere(agents: readonly string[]): Promise<void> {
    while (this.isBusy) {
      const task = this.tasks.length > 0 ? this.#chance.pick(this.tasks) : 'none';
      const [action, body] = this.#chance.pick([
        ['cancel', {}],
        ['retry', {}],
        ['assign', { agent_id: this.#chance.pick(agents) }],
      ] as const);
      await this.#muster.http('POST', `/v1/tasks/${task}/${action}`, body);
      for (const { load, max_concurrent_tasks } of (await this.#muster.call('find_agents', {})).agents) {
        expect(load).toBeLessThanOrEqual(max_concurrent_tasks);
      }
    }
  }

  async passTime(): Promise<void> {
    while (this.isBusy) {
      await this.#muster.clock.advance(Math.floor(this.#chance.fraction() * 60_000));
      await this.#muster.fire('sweep');
    }
  }
}

const open: readonly Status[] = ['waiting', 'pending', 'assigned', 'running'];
const failing: readonly (Status | undefined)[] = ['failed', 'cancelled', 'blocked'];

test('in random runs, no task is lost, held twice, completed twice or left open', async ({ muster }) => {
  const chance = new Chance();
  onTestFinished(({ task }) => {
    if (task.result?.state === 'fail') console.error(`The seed was ${chance.seed}.`);
  });
  const work = new RandomWork(muster, chance);
  const agents = await Promise.all(
    agentNames.map((name, n) => muster.agent(name, undefined, { max_concurrent_tasks: n + 1 })),
  );

  const { edge } = muster.local;
  const hooks = [
    faults.sometimes(chance, 0.03, faults.loseFirstAnswers(faults.isWrite)),
    faults.sometimes(chance, 0.1, faults.loseMessages()),
    faults.sometimes(chance, 0.1, faults.loseEvents()),
  ].map((fault) => edge.intercept(fault.hook));
  await Promise.all([
    work.produce(),
    work.produce(),
    work.interfere(agents),
    work.passTime(),
    ...agents.map((agent_id) => work.work(agent_id, false)),
  ]);
  for (const end of hooks) end();

  const statuses = new Map<string, Status>();
  const settle = async () => {
    await muster.clock.advance('11m');
    await muster.fire('sweep');
    await muster.settled();
    for (const agent_id of agents) await work.work(agent_id, true);
    for (const task_id of work.tasks) statuses.set(task_id, await muster.status(task_id));
    return [...statuses].filter(([, status]) => open.includes(status));
  };
  await expect.poll(settle, { timeout: 60_000, interval: 1 }).toEqual([]);

  for (const task_id of work.tasks) {
    const task = await muster.task(task_id);
    const { status, dependencies } = task;
    if (status === 'blocked') expect(dependencies.map((id) => failing.includes(statuses.get(id)))).toContain(true);
    if (task.status === 'completed') expect(task.result).toBe(work.results.get(task_id));
    else expect(task).not.toHaveProperty('result');
  }
  await muster.settled();
  const counted = await muster.call('get_queue_statistics', {});
  for (const status of new Set(statuses.values())) {
    expect(counted[status], status).toBe([...statuses.values()].filter((one) => one === status).length);
  }
  expect(counted.total).toBe(work.tasks.length);
  const holders = await Promise.all(agents.map((agent_id) => muster.call('get_agent', { agent_id })));
  expect(holders.flatMap((agent) => agent.holding)).toEqual([]);
}, 120_000);
