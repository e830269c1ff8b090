import { limits } from '#shared/contract/limits.ts';
import type { TestMuster } from './test-muster.ts';

/**
 * Removes what could affect tests of other files even though all names differ: agents, which the router would give
 * tasks without requirements, and such tasks, which any agent would be given.
 */
export async function tidy(muster: TestMuster): Promise<void> {
  await deregisterAll(muster);
  const agent_id = await muster.agent('tidy', []);
  for (let claimed = await claim(muster, agent_id); claimed.length > 0; claimed = await claim(muster, agent_id)) {
    await Promise.all(claimed.map((task_id) => muster.call('cancel_task', { task_id })));
  }
  await muster.call('deregister_agent', { agent_id });
}

/** Removes all agents and open tasks, so that nothing happens when time passes. */
export async function empty(muster: TestMuster): Promise<void> {
  for (const status of ['running', 'assigned', 'pending', 'waiting'] as const) {
    const open = await muster.find({ status });
    await Promise.all(open.map(({ task_id }) => muster.http('POST', `/v1/tasks/${task_id}/cancel`)));
  }
  await deregisterAll(muster);
}

async function deregisterAll(muster: TestMuster): Promise<void> {
  for (let page = await agentsOf(muster); page.length > 0; page = await agentsOf(muster)) {
    await Promise.all(page.map((agent_id) => muster.call('deregister_agent', { agent_id })));
  }
  await muster.settled();
}

async function agentsOf(muster: TestMuster): Promise<string[]> {
  let cursor: string | undefined;
  do {
    const page = await muster.call('find_agents', { limit: 100, cursor });
    if (page.agents.length > 0) return page.agents.map((agent) => agent.agent_id);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return [];
}

async function claim(muster: TestMuster, agent_id: string): Promise<string[]> {
  const { tasks } = await muster.call('claim_tasks', { agent_id, limit: limits.claimSize });
  return tasks.map((task) => task.task_id);
}
