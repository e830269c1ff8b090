import { inBatches } from '#shared/batches.ts';
import { functionNamed, type Laboratory } from '../laboratory.ts';
import type { Line } from '../table.ts';

interface Task {
  task_id: string;
}

const atOnce = 50;

const inTurns = (count: number, run: (n: number) => Promise<unknown>) =>
  inBatches([...Array(count).keys()], atOnce, run);

/** One task with many dependencies, and many tasks with one. */
export async function fans({ ask, createTasks, measure, muster }: Laboratory, width: number): Promise<Line[]> {
  await ask('POST', '/v1/agents', { agent_id: 'fan', capabilities: ['fan'], max_concurrent_tasks: 100 });
  const task = { content: 'part', requirements: ['fan'], routing: 'manual' };
  const finish = async (id: string) => {
    await ask('POST', `/v1/tasks/${id}/assign`, { agent_id: 'fan' });
    await ask('POST', `/v1/tasks/${id}/start`, {});
    await ask('POST', `/v1/tasks/${id}/complete`, {});
  };
  const releaser = functionNamed(muster, 'release-dependents');

  const parents: string[] = [];
  await inTurns(width, async () => parents.push((await ask<Task>('POST', '/v1/tasks', task)).task_id));
  const created = await measure(() => ask('POST', '/v1/tasks', { ...task, dependencies: parents }));
  const joined = await measure(() => inTurns(width, (n) => finish(parents[n] ?? '')));
  const fanIn = created.total().writeUnits + joined.total({ caller: releaser }).writeUnits;

  const { task_id: never } = await ask<Task>('POST', '/v1/tasks', task);
  const fanOutTo = async (others: readonly string[]) => {
    const { task_id: source } = await ask<Task>('POST', '/v1/tasks', task);
    for (let n = 0; n < width; n += atOnce) await createTasks(atOnce, { ...task, dependencies: [source, ...others] });
    const spread = await measure(() => finish(source));
    return spread.total({ caller: releaser }).writeUnits / width;
  };
  const released = await fanOutTo([]);
  const marked = await fanOutTo([never]);
  return [
    { what: `fan-in of ${width}: write units per edge`, measured: fanIn / width, budget: 2.5 },
    { what: `fan-out of ${width}: write units per ready child`, measured: released, budget: 3.1 },
    { what: `fan-out of ${width}: write units per child that waits on`, measured: marked, budget: 1.1 },
  ];
}
