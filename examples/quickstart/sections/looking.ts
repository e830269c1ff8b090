import { setTimeout as wait } from 'node:timers/promises';
import type { AgentHealth } from '#shared/contract/nouns.ts';
import { heading, say } from '../narrator.ts';
import type { OutputOf } from '#clients/sdk/index.ts';
import { expect, type Walk } from '../walk.ts';

type Queue = OutputOf<'get_queue_statistics'>;

const statisticsLimitMs = 30_000;

/** Section 6: what the queue and the agents have done. */
export async function monitor(walk: Walk): Promise<void> {
  heading('6. Monitor queue and agents');
  await untilCounted(walk, 2);
  await walk.show('get_queue_statistics', {}, queueShown);
  const health = await walk.show('get_agent_health', { agent_id: walk.named('researcher_bot') }, healthShown);
  expect(health.total_completed === 1 && health.load === 0, 'the track record has one completed task');
  await walk.show('get_agent_statistics', {}, (agents) => agents);
}

/** Section 7: lists of tasks. */
export async function query(walk: Walk): Promise<void> {
  heading('7. Query tasks');
  const shown = ({ tasks }: { tasks: { task_type: string; priority: string; status: string }[] }) =>
    tasks.map((task) => `${task.task_type} (${task.priority}, ${task.status})`).join(', ') || 'none';
  await walk.show('query_tasks', { status: 'pending', task_type: 'research' }, shown);
  const agent = walk.named('researcher_bot');
  const high = await walk.show('query_tasks', { agent_id: agent, priority: 'high' }, shown);
  expect(high.tasks.length === 1, `${agent} had one task of high priority`);
  const weekAgo = Math.floor(Date.now() / 1000) - 7 * 24 * 3600;
  const recent = await walk.show('query_tasks', { status: 'completed', created_after: weekAgo }, shown);
  expect(recent.tasks.length >= 2, 'both tasks are listed as completed');
}

/** The end: all results, as counted by the server, checked against what this walk knows. */
export async function summarize(walk: Walk): Promise<void> {
  heading('Statistics and health at the end');
  const done = walk.tasks.length;
  await untilCounted(walk, done);
  const queue = await walk.show('get_queue_statistics', {}, queueShown);
  let completed = 0;
  let failed = 0;
  for (const agentId of walk.agents) {
    const health = await walk.show('get_agent_health', { agent_id: agentId }, healthShown);
    completed += health.total_completed;
    failed += health.total_failed;
    expect(health.load === 0, `${agentId} holds no tasks`);
  }
  expect(completed === done, `the agents completed ${done} tasks, each counted once, not ${completed}`);
  expect(failed >= 2, `at least two runs failed on the way, not ${failed}`);
  expect(walk.instance.isShared || queue.completed === done, `the queue counts ${done} completed tasks`);
  say(`All ${done} tasks are completed, by ${walk.agents.length} processes; ${failed} runs failed on the way.`);
}

const queueShown = ({ total, success_rate: rate, avg_execution_ms: ran, avg_wait_ms: waited, ...rest }: Queue) => [
  (['waiting', 'pending', 'assigned', 'running', 'completed', 'failed', 'blocked', 'cancelled'] as const)
    .map((status) => `${status} ${rest[status]}`)
    .join(', '),
  `total ${total}, success rate ${percent(rate)}, mean execution ${Math.round(ran)} ms, mean wait ${Math.round(waited)} ms`,
];

const healthShown = (health: AgentHealth) =>
  `${health.agent_id} is ${health.status}: completed ${health.total_completed}, failed ${health.total_failed}, ` +
  `success rate ${percent(health.success_rate)}, mean time ${Math.round(health.avg_completion_ms)} ms, ` +
  `${health.load} of ${health.max_concurrent_tasks} slots in use`;

const percent = (share: number) => `${(share * 100).toFixed(1)}%`;

/** Statistics lag slightly. On a shared instance, the expected counts are unknown. */
async function untilCounted(walk: Walk, completed: number): Promise<void> {
  const deadline = performance.now() + statisticsLimitMs;
  while (!walk.instance.isShared && performance.now() < deadline) {
    const counts = await walk.ask('get_queue_statistics', {});
    if (counts.completed >= completed) return;
    await wait(100);
  }
}
