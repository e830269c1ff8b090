import { functionNamed, type Cost, type Laboratory } from '../laboratory.ts';
import type { Costs, Growth } from './growth.ts';
import { createMany, inTurns } from './tasks.ts';

/** As many as can hold a thousand tasks, and some more. */
const agents = Array.from({ length: 11 }, (_, n) => `fan-${n}`);
const task = { content: 'part', requirements: ['fan'], routing: 'manual' };

/** A task that many others depend on. */
export const fanOut = (sizes: readonly number[]): Growth => ({
  of: 'dependents of a task',
  sizes,
  async in(laboratory) {
    const { createTasks } = laboratory;
    await register(laboratory);
    const [never = ''] = await createTasks(1, task);
    const complete = async (size: number, others: readonly string[]) => {
      const [source = ''] = await createTasks(1, task);
      await createMany(laboratory, size, { ...task, dependencies: [source, ...others] });
      await start(laboratory, source);
      return completion(laboratory, source);
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
    const { ask, cost, createTasks, muster } = laboratory;
    await register(laboratory);
    const api = functionNamed(muster, 'api');
    return async (size) => {
      const parents = await createMany(laboratory, size, task);
      const create = await cost(api, () => ask('POST', '/v1/tasks', { ...task, dependencies: parents }));
      await inTurns(size, (n) => start(laboratory, parents[n] ?? '', n));
      const completed = [];
      // Ten at different times; the others together.
      for (const id of parents.slice(0, Math.min(10, size) - 1)) completed.push(await completion(laboratory, id));
      await inTurns(size - completed.length - 1, (n) =>
        ask('POST', `/v1/tasks/${parents[completed.length + n]}/complete`, {}),
      );
      const last = await completion(laboratory, parents.at(-1) ?? '');
      const [single = ''] = await createTasks(1, task);
      await start(laboratory, single);
      return {
        [creation]: create,
        [oneOfThem]: completed.at(-1) ?? last,
        'complete the last of them': last,
        [alone]: await completion(laboratory, single),
      };
    };
  },
  budgets: (costs) => {
    const met = lastOf(costs, oneOfThem) - lastOf(costs, alone);
    return [{ what: 'write units per dependency', measured: each(costs, creation) + met, budget: 2.5 }];
  },
});

const creation = 'create the task';
const oneOfThem = 'complete one of them';
const alone = 'complete a task without dependents';

async function register({ ask }: Laboratory): Promise<void> {
  for (const agent_id of agents)
    await ask('POST', '/v1/agents', { agent_id, capabilities: ['fan'], max_concurrent_tasks: 100 });
}

/** One of the agents works on a task. */
async function start({ ask }: Laboratory, id: string, n = 0): Promise<void> {
  await ask('POST', `/v1/tasks/${id}/assign`, { agent_id: agents[n % agents.length] });
  await ask('POST', `/v1/tasks/${id}/start`, {});
}

/** A completion and all that follows from it, without the authorization. */
async function completion({ ask, measure, muster }: Laboratory, id: string): Promise<Cost> {
  const used = await measure(() => ask('POST', `/v1/tasks/${id}/complete`, {}));
  const keys = used.total({ caller: functionNamed(muster, 'authorize') });
  const { calls, readUnits, writeUnits } = used.total({ service: 'dynamodb' });
  return { calls: calls - keys.calls, readUnits: readUnits - keys.readUnits, writeUnits, roundTrips: NaN };
}

const lastOf = (costs: ReadonlyMap<number, Costs>, what: string): number =>
  costs.get(Math.max(...costs.keys()))?.[what]?.writeUnits ?? NaN;

/** Write units at the largest size, for each of what there are as many. */
const each = (costs: ReadonlyMap<number, Costs>, what: string): number =>
  lastOf(costs, what) / Math.max(...costs.keys());
