import { functionNamed, type Laboratory } from '../laboratory.ts';
import type { Line } from '../table.ts';

interface Task {
  task_id: string;
}

/** How many chains run concurrently: what follows from changes is batched. */
const chains = 10;

/** The whole life of tasks with one dependency each: chains in which each task is released by the previous one. */
export async function taskLife({ ask, measure, muster, settled }: Laboratory, length: number): Promise<Line[]> {
  const next = (chain: string, dependencies: string[]) =>
    ask<Task>('POST', '/v1/tasks', {
      content: 'c'.repeat(150),
      requirements: [chain],
      routing: 'manual',
      dependencies,
    });
  const work = async (chain: string) => {
    const { tasks } = await ask<{ tasks: (Task & { attempt: number })[] }>('POST', `/v1/agents/${chain}/claim`, {});
    const [task] = tasks;
    if (!task) throw new Error('The next task of the chain was not there to be claimed.');
    const report = { agent_id: chain, attempt: task.attempt, result: 'r'.repeat(100) };
    await ask('POST', `/v1/tasks/${task.task_id}/complete`, report);
  };

  const names = Array.from({ length: chains }, (_, n) => `chain-${n}`);
  const last = new Map<string, string>();
  const grow = async () => {
    for (const chain of names)
      last.set(
        chain,
        (
          await next(
            chain,
            [last.get(chain)].flatMap((id) => id ?? []),
          )
        ).task_id,
      );
  };
  const workOnEach = async () => {
    await Promise.all(names.map(work));
    await settled();
  };

  for (const chain of names) {
    await ask('POST', '/v1/agents', { agent_id: chain, capabilities: [chain], max_concurrent_tasks: 1 });
  }
  await grow();
  // Every process learns every agent and lane.
  for (let n = 0; n < 6; n += 1) {
    await grow();
    await workOnEach();
  }
  // Each task takes each step once: the first one in progress already exists, and the last one is left.
  const used = await measure(async () => {
    for (let n = 0; n < length; n += 1) await grow();
    for (let n = 0; n < length; n += 1) await workOnEach();
  });

  const statistics = used.total({ caller: functionNamed(muster, 'count-changes'), action: 'UpdateItem' });
  const keys = used.total({ caller: functionNamed(muster, 'authorize') });
  const all = used.total({ service: 'dynamodb' });
  const each = (total: number, ...without: number[]) =>
    without.reduce((left, part) => left - part, total) / (length * chains);
  const functions = Object.entries(used.by('caller', { service: 'dynamodb' })).filter(([, { calls }]) => calls > 0);
  return [
    { what: 'write units', measured: each(all.writeUnits, statistics.writeUnits), budget: 15 },
    { what: 'read units', measured: each(all.readUnits, keys.readUnits), budget: 3.5 },
    { what: 'DynamoDB calls', measured: each(all.calls, statistics.calls, keys.calls), budget: 11 },
    { what: 'transactions', measured: each(used.total({ action: 'TransactWriteItems' }).calls), budget: 0 },
    { what: 'failed conditions', measured: each(all.failedConditions) },
    { what: 'SQS requests', measured: each(used.total().queueRequests), budget: 0.6 },
    { what: 'EventBridge events', measured: each(used.total().events), budget: 1 },
    { what: 'apart: write units of statistics', measured: each(statistics.writeUnits) },
    ...functions.map(([caller, { calls, readUnits }]) => ({
      what: `calls of ${caller.replace(/[0-9A-F]{8}$/, '')}`,
      measured: each(calls),
      note: `${each(readUnits).toFixed(2)} read units`,
    })),
  ];
}
