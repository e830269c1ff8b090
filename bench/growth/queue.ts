import { functionNamed } from '../laboratory.ts';
import { least, ratios, type Growth } from './growth.ts';
import { createMany, type Given } from './tasks.ts';

const tries = 3;

/** Operations that read the queue, by the number of ready tasks. */
export const backlog = (sizes: readonly number[]): Growth => ({
  of: 'ready tasks',
  sizes,
  async in(laboratory) {
    const { ask, cost, muster } = laboratory;
    await ask('POST', '/v1/agents', { agent_id: 'scale', capabilities: ['scale'], max_concurrent_tasks: 100 });
    const api = functionNamed(muster, 'api');
    const task = { content: 'waits', requirements: ['scale'], routing: 'manual' };
    const claim = () => ask<{ tasks: Given[] }>('POST', '/v1/agents/scale/claim', { holding: [] });
    const looks = {
      'a page of pending tasks': '/v1/tasks?status=pending',
      'poll for an agent': '/v1/queue?agent_id=scale',
      'queue statistics': '/v1/stats/queue',
    };
    let [ready = ''] = await createMany(laboratory, 1, task);
    let size = 1;
    const complete = (id: string) => ask('POST', `/v1/tasks/${id}/complete`, { agent_id: 'scale', attempt: 1 });
    return async (wanted) => {
      await createMany(laboratory, wanted - size, task);
      size = wanted;
      const claims = await least(tries, async () => {
        const used = await cost(api, async () => {
          const { tasks } = await claim();
          ready = tasks[0]?.task_id ?? '';
        });
        await complete(ready);
        await createMany(laboratory, 1, task);
        return used;
      });
      const costs = { 'claim of one task': claims };
      for (const [what, path] of Object.entries(looks))
        Object.assign(costs, { [what]: await least(tries, () => cost(api, () => ask('GET', path))) });
      return costs;
    };
  },
  budgets: (costs) => ratios(costs, ['readUnits', 'calls'], 1),
});

/** Submissions and reads of a graph, by its number of tasks: layers of ten, each task with one dependency. */
export const graphTasks = (sizes: readonly number[]): Growth => ({
  of: 'tasks of a graph',
  sizes,
  in({ ask, cost, wholeCost, muster }) {
    const api = functionNamed(muster, 'api');
    const taskAt = (n: number) => ({
      key: `t${n}`,
      content: 'part of a graph',
      requirements: ['graph'],
      routing: 'manual',
      dependencies: n < 10 ? [] : [`t${n - 10}`],
    });
    return async (size) => {
      const tasks = Array.from({ length: size }, (_, n) => taskAt(n));
      let id = '';
      const submit = await least(tries, () =>
        cost(api, async () => {
          ({ graph_id: id } = await ask<{ graph_id: string }>('POST', '/v1/graphs', { tasks }));
        }),
      );
      const read = await least(tries, () => cost(api, () => ask('GET', `/v1/graphs/${id}`)));
      const cancel = await wholeCost(() => ask('POST', `/v1/graphs/${id}/cancel`, {}));
      return { submit_graph: submit, get_graph: read, 'cancel_graph and what follows': cancel };
    };
  },
});
