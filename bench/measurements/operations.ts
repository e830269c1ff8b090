import type { Laboratory } from '../laboratory.ts';

interface Task {
  task_id: string;
}

/** The DynamoDB cost of each operation itself, without what follows from it. */
export async function operationCosts({ ask, measureRequest, settled }: Laboratory) {
  const rows: { operation: string; calls: number; readUnits: number; writeUnits: number }[] = [];
  const note = async (operation: string, run: () => Promise<unknown>) => {
    const { calls, readUnits, writeUnits } = await measureRequest(run);
    rows.push({ operation, calls, readUnits, writeUnits });
  };
  const agent = { agent_id: 'bench', capabilities: ['bench'], max_concurrent_tasks: 100 };
  const task = { content: 'c'.repeat(150), requirements: ['bench'], routing: 'manual' };
  const create = () => ask<Task>('POST', '/v1/tasks', task);
  const running = async () => {
    const { task_id } = await create();
    await ask('POST', `/v1/tasks/${task_id}/assign`, { agent_id: 'bench' });
    await ask('POST', `/v1/tasks/${task_id}/start`, {});
    return `/v1/tasks/${task_id}`;
  };

  await note('register_agent', () => ask('POST', '/v1/agents', agent));
  const parent = await create();
  // The process reads the number of open tasks: every second until it is up to date, then every 30 s.
  await settled();
  await create();
  await note('create_task', create);
  await note('create_task (one dependency)', () =>
    ask('POST', '/v1/tasks', { ...task, dependencies: [parent.task_id] }),
  );
  await note('get_task', () => ask('GET', `/v1/tasks/${parent.task_id}`));
  await note('assign_task', () => ask('POST', `/v1/tasks/${parent.task_id}/assign`, { agent_id: 'bench' }));
  await note('start_task', () => ask('POST', `/v1/tasks/${parent.task_id}/start`, {}));
  await note('heartbeat_task', () => ask('POST', `/v1/tasks/${parent.task_id}/heartbeat`, {}));
  await note('complete_task (by an admin)', () => ask('POST', `/v1/tasks/${parent.task_id}/complete`, {}));
  await settled();
  await note('claim_tasks', () => ask('POST', '/v1/agents/bench/claim', {}));
  const own = await running();
  await note('complete_task', () =>
    ask('POST', `${own}/complete`, { agent_id: 'bench', attempt: 1, result: 'r'.repeat(100) }),
  );
  const failing = await running();
  await note('fail_task', () => ask('POST', `${failing}/fail`, { error: 'no' }));
  const released = await running();
  await note('release_task', () => ask('POST', `${released}/release`, { reason: 'not me' }));
  const cancelled = await running();
  await note('cancel_task', () => ask('POST', `${cancelled}/cancel`, {}));
  await note('poll_tasks', () => ask('GET', '/v1/queue?agent_id=bench'));
  await note('query_tasks (status)', () => ask('GET', '/v1/tasks?status=completed'));
  await note('get_queue_statistics', () => ask('GET', '/v1/stats/queue'));
  await note('explain_task', () => ask('GET', `${failing}/explain`));
  return rows;
}
