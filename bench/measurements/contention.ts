import type { Laboratory } from '../laboratory.ts';
import { ownRouters, routerOf } from '../routers.ts';
import type { Line } from '../table.ts';

const routers = 10;
const agents = 20;
const slots = 5;
/** The share of slots in use before and after each round. */
const load = 0.95;
/** The number of tasks that end in a round, and that arrive. */
const turnover = 10;

/** Measures how often concurrent routers collide when few slots are free. */
export async function contention({ ask, createTasks, measure, muster }: Laboratory, rounds: number): Promise<Line[]> {
  const processes = ownRouters(muster, routers);
  for (let n = 0; n < agents; n += 1) {
    const agent = { agent_id: `busy-${n}`, capabilities: ['crowd'], max_concurrent_tasks: slots };
    await ask('POST', '/v1/agents', agent);
  }
  const arrive = (count: number) => createTasks(count, { content: 'goes to anyone', requirements: ['crowd'] });
  const route = (ids: readonly string[]) =>
    Promise.all(processes.map((router, n) => router(ids.filter((_, k) => k % routers === n))));
  const held = await arrive(agents * slots * load);
  await route(held);

  let [assigned, failed] = [0, 0];
  for (let round = 0; round < rounds; round += 1) {
    for (const id of held.splice(0, turnover)) {
      await ask('POST', `/v1/tasks/${id}/start`, {});
      await ask('POST', `/v1/tasks/${id}/complete`, {});
    }
    const arrived = await arrive(turnover);
    const used = await measure(() => route(arrived));
    failed += used.total({ caller: routerOf(muster) }).failedConditions;
    assigned += arrived.length;
    held.push(...arrived);
  }
  for (const id of held) {
    const { status } = await ask<{ status: string }>('GET', `/v1/tasks/${id}`);
    if (status !== 'assigned') throw new Error(`Task ${id} was to be assigned and is ${status}.`);
  }
  const what = `failed conditions per assignment, ${routers} routers, ${load * 100}% load`;
  return [{ what, measured: failed / assigned, budget: 0.35 }];
}
