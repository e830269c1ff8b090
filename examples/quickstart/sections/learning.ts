import { heading, say } from '../narrator.ts';
import { expect, type Walk } from '../walk.ts';

/** Section 8: an agent learns a capability and gets the task that was waiting for it. */
export async function learning(walk: Walk): Promise<void> {
  heading('8. Agent learning');
  const research = walk.tasks[0] ?? '';
  const task = await walk.create({
    content: 'Group the packages by style, with k-means',
    task_type: 'ml',
    requirements: ['machine_learning', 'javascript'],
    dependencies: [research],
    metadata: { groups: 2 },
  });
  const before = await walk.show('route_task', { task_id: task.task_id }, ['selected_agent', 'reason']);
  expect(before.selected_agent === null, 'no agent can do machine learning yet');

  const agent = walk.named('researcher_bot');
  const learned = { agent_id: agent, capability: walk.named('machine_learning'), confidence: 0.8 };
  await walk.show('learn_capability', learned, ({ capabilities }) =>
    capabilities.map(({ name, confidence, source: from }) => `${name}: confidence ${confidence}, ${from}`),
  );
  say('The pending task matches and is offered.');
  const done = await walk.completed(task.task_id, ['assigned_to', 'status', 'result']);
  expect(done.assigned_to === agent, `${agent} did it`);
}
