import { functionNamed, type Laboratory } from '../laboratory.ts';
import { ownRouters, routerOf } from '../routers.ts';
import type { Line } from '../table.ts';

interface Task {
  task_id: string;
}

/** How often each is measured: the least counts, which a process needs that knows the agent and the lane already. */
const repeats = 6;

/** How many calls to DynamoDB an operation waits for, one after the other. */
export async function roundTrips({ ask, createTasks, muster, cost }: Laboratory): Promise<Line[]> {
  const [router] = ownRouters(muster, 1);
  const api = functionNamed(muster, 'api');
  const count = async (caller: string, run: () => Promise<unknown>) => (await cost(caller, run)).roundTrips;
  await ask('POST', '/v1/agents', { agent_id: 'trips', capabilities: ['trips'], max_concurrent_tasks: 100 });
  const task = { content: 'goes round', requirements: ['trips'], routing: 'manual' };
  const { task_id: parent } = await ask<Task>('POST', '/v1/tasks', task);
  const create = () => ask<Task>('POST', '/v1/tasks', { ...task, dependencies: [parent] });
  const claim = async () => (await ask<{ tasks: Task[] }>('POST', '/v1/agents/trips/claim', {})).tasks[0];
  const complete = (claimed: Task | undefined) =>
    ask('POST', `/v1/tasks/${claimed?.task_id}/complete`, { agent_id: 'trips', attempt: 1, result: 'done' });

  await complete(await claim());
  const counts = { create: [] as number[], claim: [] as number[], complete: [] as number[], route: [] as number[] };
  let claimed: Task | undefined;
  for (let n = 0; n < repeats; n += 1) {
    counts.create.push(await count(api, create));
    counts.claim.push(await count(api, async () => (claimed = await claim())));
    counts.complete.push(await count(api, () => complete(claimed)));
  }
  for (let n = 0; n < repeats; n += 1) {
    const ids = await createTasks(10, { ...task, routing: 'auto' });
    counts.route.push(await count(routerOf(muster), async () => router?.(ids)));
  }
  return [
    { what: 'create_task', measured: Math.min(...counts.create), budget: 3 },
    { what: 'claim_tasks', measured: Math.min(...counts.claim), budget: 4 },
    { what: 'complete_task', measured: Math.min(...counts.complete), budget: 2 },
    { what: 'routing of a batch of 10', measured: Math.min(...counts.route), budget: 4 },
  ];
}
