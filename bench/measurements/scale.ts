import { functionNamed, type Laboratory } from '../laboratory.ts';
import type { Line } from '../table.ts';

const batch = 100;

/** What looking at the queue costs with a large backlog, over what it costs with a small one. */
export async function backlog(
  { ask, createTasks, measureRequest }: Laboratory,
  small: number,
  large: number,
): Promise<Line[]> {
  await ask('POST', '/v1/agents', { agent_id: 'scale', capabilities: ['scale'], max_concurrent_tasks: 100 });
  const task = { content: 'waits', requirements: ['scale'], routing: 'manual' };
  let size = 0;
  const grow = async (to: number) => {
    for (; size < to; size += batch) await createTasks(batch, task);
  };
  let claimed: { task_id: string }[] = [];
  const looks = {
    claim: async () => {
      ({ tasks: claimed } = await ask<{ tasks: { task_id: string }[] }>('POST', '/v1/agents/scale/claim', {}));
    },
    poll: () => ask('GET', '/v1/queue?agent_id=scale'),
    'list page': () => ask('GET', '/v1/tasks?status=pending'),
    statistics: () => ask('GET', '/v1/stats/queue'),
  };
  const measureAll = async () => {
    const found: Record<string, number> = {};
    for (const [name, look] of Object.entries(looks)) {
      await look();
      // What was claimed is not there to be looked at the next time.
      for (const { task_id } of claimed) await ask('POST', `/v1/tasks/${task_id}/complete`, {});
      claimed = [];
      const { readUnits, calls } = await measureRequest(look);
      found[`${name}: read units`] = readUnits;
      found[`${name}: calls`] = calls;
    }
    return found;
  };
  await grow(small);
  const before = await measureAll();
  await grow(large);
  const after = await measureAll();
  return Object.entries(after).map(([name, measured]) => ({
    what: `${name}, ${large} over ${small}`,
    measured: measured / (before[name] ?? measured),
    budget: 1,
  }));
}

/** Read units of the router for each assignment, with many agents over few. */
export async function agents(
  { ask, createTasks, measure, muster }: Laboratory,
  few: number,
  many: number,
): Promise<Line[]> {
  const router = functionNamed(muster, 'route-ready-tasks');
  const task = { content: 'goes to anyone', requirements: ['crowd'] };
  let registered = 0;
  const reads = async (count: number) => {
    for (; registered < count; registered += 1) {
      await ask('POST', '/v1/agents', {
        agent_id: `agent-${registered}`,
        capabilities: ['crowd'],
        max_concurrent_tasks: 100,
      });
    }
    const used = await measure(() => createTasks(batch, task));
    return used.total({ caller: router }).readUnits / batch;
  };
  const before = await reads(few);
  const after = await reads(many);
  return [
    { what: `read units per assignment, ${few} agents`, measured: before },
    { what: `read units per assignment, ${many} agents over ${few}`, measured: after / before, budget: 1.2 },
  ];
}
