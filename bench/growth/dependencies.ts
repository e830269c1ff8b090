import { functionNamed, type Laboratory } from '../laboratory.ts';
import type { Costs, Growth } from './growth.ts';
import { createMany, inTurns } from './tasks.ts';

/** More tasks would enlarge the agent's item, and so the cost of each change to it. */
const heldByOne = 10;
const task = { content: 'part', requirements: ['fan'], routing: 'manual' };

/** A task that many others depend on. */
export const fanOut = (sizes: readonly number[]): Growth => ({
  of: 'dependents of a task',
  sizes,
  async in(laboratory) {
    const { ask, createTasks, wholeCost } = laboratory;
    await register(laboratory, heldByOne);
    const [never = ''] = await createTasks(1, task);
    const complete = async (size: number, others: readonly string[]) => {
      const [source = ''] = await createTasks(1, task);
      await createMany(laboratory, size, { ...task, dependencies: [source, ...others] });
      await start(laboratory, source);
      return wholeCost(() => ask('POST', `/v1/tasks/${source}/complete`, {}));
    };
    return async (size) => ({
      [becomeReady]: await complete(size, []),
      [waitOn]: await complete(size, [never]),
    });
  },
  budgets: (costs) => [
    { what: 'write units per dependent that becomes ready', measured: each(costs, becomeReady), budget: 3.1 },
    { what: 'write units per dependent that waits on', measured: each(costs, waitOn), budget: 1.1 },
  ],
});

const becomeReady = 'complete, dependents become ready';
const waitOn = 'complete, dependents wait on';

/** A task that depends on many others. */
export const fanIn = (sizes: readonly number[]): Growth => ({
  of: 'dependencies of a task',
  sizes,
  async in(laboratory) {
    const { ask, cost, createTasks, muster, settled, wholeCost } = laboratory;
    await register(laboratory, Math.max(...sizes));
    const complete = (id = '') => ask('POST', `/v1/tasks/${id}/complete`, {});
    const completion = (id: string) => wholeCost(() => complete(id));
    const api = functionNamed(muster, 'api');
    return async (size) => {
      const parents = await createMany(laboratory, size, task);
      // The next process has just read the number of open tasks and found it up to date.
      await settled();
      await createTasks(1, task);
      const create = await cost(api, () => ask('POST', '/v1/tasks', { ...task, dependencies: parents }));
      await inTurns(size, (n) => start(laboratory, parents[n] ?? '', n));
      const middle = Math.floor(size / 2);
      await inTurns(middle, (n) => complete(parents[n]));
      const inBetween = middle < size - 1 ? await completion(parents[middle] ?? '') : undefined;
      await inTurns(Math.max(0, size - middle - 2), (n) => complete(parents[middle + 1 + n]));
      const last = await completion(parents.at(-1) ?? '');
      const [single = ''] = await createTasks(1, task);
      await start(laboratory, single);
      return {
        [creation]: create,
        [theMiddle]: inBetween ?? last,
        'complete the last of them': last,
        [alone]: await completion(single),
      };
    };
  },
  budgets: (costs) => {
    const met = lastOf(costs, theMiddle) - lastOf(costs, alone);
    return [{ what: 'write units per dependency', measured: each(costs, creation) + met, budget: 2.5 }];
  },
});

const creation = 'create the task';
const theMiddle = 'complete the one in the middle';
const alone = 'complete a task without dependents';

/** Registers agents for this many tasks. */
async function register({ ask, createTasks }: Laboratory, tasks: number): Promise<void> {
  await inTurns(Math.ceil(tasks / heldByOne), (n) =>
    ask('POST', '/v1/agents', { agent_id: agentOf(n * heldByOne), capabilities: ['fan'], max_concurrent_tasks: 20 }),
  );
  // Every process learns the lane.
  await inTurns(40, () => createTasks(1, task));
}

const agentOf = (n: number) => `fan-${Math.floor(n / heldByOne)}`;

/** An agent works on a task. */
async function start({ ask }: Laboratory, id: string, n = 0): Promise<void> {
  await ask('POST', `/v1/tasks/${id}/assign`, { agent_id: agentOf(n) });
  await ask('POST', `/v1/tasks/${id}/start`, {});
}

const lastOf = (costs: ReadonlyMap<number, Costs>, what: string): number =>
  costs.get(Math.max(...costs.keys()))?.[what]?.writeUnits ?? NaN;

/** Write units per item at the largest size. */
const each = (costs: ReadonlyMap<number, Costs>, what: string): number =>
  lastOf(costs, what) / Math.max(...costs.keys());
