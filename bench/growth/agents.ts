import { batchesOf } from '#shared/batches.ts';
import { functionNamed } from '../laboratory.ts';
import { ownRouters, routerOf } from '../routers.ts';
import { least, ratios, type Growth } from './growth.ts';
import { inTurns, type Given } from './tasks.ts';

const tries = 3;

/** Claims and reports of an agent, by the number of tasks it holds. */
export const heldTasks = (sizes: readonly number[]): Growth => ({
  of: 'tasks that an agent holds',
  sizes,
  async in({ ask, createTasks, cost, muster }) {
    await ask('POST', '/v1/agents', { agent_id: 'holder', capabilities: ['held'], max_concurrent_tasks: 100 });
    const api = functionNamed(muster, 'api');
    const held: Given[] = [];
    const holding = () => held.map(({ task_id, attempt, hold }) => ({ task_id, attempt, hold }));
    const claim = async (limit: number) => {
      const { tasks } = await ask<{ tasks: Given[] }>('POST', '/v1/agents/holder/claim', { limit, holding: holding() });
      held.push(...tasks);
    };
    const complete = async () => {
      const task = held.pop();
      await ask('POST', `/v1/tasks/${task?.task_id}/complete`, { agent_id: 'holder', attempt: task?.attempt });
    };
    const heartbeat = () =>
      ask('POST', '/v1/agents/holder/heartbeat', {
        holding: held.map(({ task_id, attempt }) => ({ task_id, attempt })),
      });
    for (let n = 0; n < 2; n += 1)
      await createTasks(100, { content: 'held', requirements: ['held'], routing: 'manual' });
    return async (size) => {
      while (held.length < size) await claim(Math.min(10, size - held.length));
      const claims = await least(tries, async () => {
        const used = await cost(api, () => claim(1));
        await complete();
        return used;
      });
      const completions = await least(tries, async () => {
        await claim(1);
        return cost(api, complete);
      });
      return { claim: claims, complete: completions, heartbeat: await least(tries, () => cost(api, heartbeat)) };
    };
  },
});

/** Claims of an agent, by the number of lanes it can serve. */
export const servableLanes = (sizes: readonly number[]): Growth => ({
  of: 'lanes that an agent can serve',
  sizes,
  async in({ ask, cost, muster }) {
    const skills = Array.from({ length: 20 }, (_, n) => `skill-${n}`);
    const pairs = skills.flatMap((skill, n) => skills.slice(n + 1).map((other) => [skill, other]));
    const lanes = [...skills.map((skill) => [skill]), ...pairs];
    await ask('POST', '/v1/agents', { agent_id: 'server', capabilities: skills, max_concurrent_tasks: 10 });
    const api = functionNamed(muster, 'api');
    const createInEach = async (count: number, times: number) => {
      const tasks = Array.from({ length: count * times }, (_, n) => ({
        content: 'in a lane',
        requirements: lanes[n % count],
        routing: 'manual',
      }));
      for (const some of batchesOf(tasks, 100)) await ask('POST', '/v1/tasks/batch', { tasks: some });
    };
    const claim = (limit: number) => ask<{ tasks: Given[] }>('POST', '/v1/agents/server/claim', { limit, holding: [] });
    const complete = ({ task_id, attempt }: Given) =>
      ask('POST', `/v1/tasks/${task_id}/complete`, { agent_id: 'server', attempt });
    const drain = async (left: number) => {
      // A claim that finds nothing has not read every lane.
      while (left > 0) {
        const { tasks } = await claim(10);
        await Promise.all(tasks.map(complete));
        left -= tasks.length;
      }
    };
    return async (size) => {
      await createInEach(size, 1);
      await drain(size);
      // The next process learns the lanes.
      await claim(1);
      const idle = await least(tries, () => cost(api, () => claim(1)));
      await createInEach(size, tries);
      const busy = await least(tries, async () => {
        let tasks: Given[] = [];
        const used = await cost(api, async () => ({ tasks } = await claim(1)));
        await Promise.all(tasks.map(complete));
        return used;
      });
      await drain(tries * (size - 1));
      return { 'claim, nothing to do': idle, 'claim, work in every lane': busy };
    };
  },
});

/** The router, by the number of agents that can do the task. */
export const capableAgents = (sizes: readonly number[]): Growth => ({
  of: 'agents that can do a task',
  sizes,
  in({ ask, createTasks, cost, muster }) {
    const [router] = ownRouters(muster, 1);
    let registered = 0;
    const register = (n: number) =>
      // Few slots each, so that each task of a batch goes to another agent, which costs most.
      ask('POST', '/v1/agents', { agent_id: `agent-${n}`, capabilities: ['crowd'], max_concurrent_tasks: 5 });
    return async (size) => {
      await inTurns(size - registered, (n) => register(registered + n));
      registered = size;
      const route = await least(tries, async () => {
        const ids = await createTasks(10, { content: 'goes to anyone', requirements: ['crowd'] });
        const used = await cost(routerOf(muster), async () => router?.(ids));
        for (const id of ids) {
          await ask('POST', `/v1/tasks/${id}/start`, {});
          await ask('POST', `/v1/tasks/${id}/complete`, {});
        }
        return used;
      });
      const find = await least(tries, () =>
        cost(functionNamed(muster, 'api'), () => ask('GET', '/v1/agents?requirements=crowd&limit=50')),
      );
      return { 'route a batch of 10': route, 'find_agents, a page of 50': find };
    };
  },
  budgets: (costs) => ratios(costs, ['readUnits'], 1.2).filter(({ what }) => what.startsWith('route')),
});
