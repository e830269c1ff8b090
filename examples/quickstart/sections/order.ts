import { readFileSync } from 'node:fs';
import path from 'node:path';
import { heading, say } from '../narrator.ts';
import { expect, type Walk } from '../walk.ts';

/** Section 9: priorities and dependencies. */
export async function order(walk: Walk): Promise<void> {
  heading('9. Priority and dependencies');
  await chain(walk);
  await priorities(walk);
}

/** Three steps, each depending on the one before. */
async function chain(walk: Walk): Promise<void> {
  const step1 = await walk.create({
    content: 'Step 1: Research',
    task_type: 'research',
    priority: 'high',
    requirements: ['research'],
    metadata: { packages: ['dependency-cruiser', '@smithy/core'] },
  });
  const step2 = await walk.create({
    content: 'Step 2: Analyze',
    task_type: 'analysis',
    requirements: ['data_analysis'],
    dependencies: [step1.task_id],
  });
  const step3 = await walk.create({
    content: 'Step 3: Implement',
    task_type: 'implementation',
    requirements: ['writing'],
    dependencies: [step2.task_id],
    metadata: { file: 'patterns.md' },
  });
  await walk.show('get_task', { task_id: step3.task_id }, ['dependencies', 'status']);
  walk.chainEnd = step3.task_id;
}

/** Created from low to critical, executed from critical to low, one after the other. */
async function priorities(walk: Walk): Promise<void> {
  say('Meanwhile: four tasks for an agent with one slot, which is not running yet.');
  const indexer = walk.named('indexer_bot');
  await walk.register(indexer, ['typescript'], 1);
  const wanted = { low: '@smithy/core', medium: 'fauxqs', high: 'zod', critical: 'constructs' } as const;
  const ids: string[] = [];
  for (const [priority, packageName] of Object.entries(wanted)) {
    const task = await walk.create({
      content: `Count what ${packageName} exports`,
      task_type: 'indexing',
      priority: priority as keyof typeof wanted,
      requirements: ['typescript'],
      routing: 'manual',
      metadata: { package: packageName },
    });
    ids.push(task.task_id);
  }
  await walk.show('poll_tasks', { agent_id: indexer, status: 'pending' }, ({ tasks }) =>
    tasks.map((task) => task.priority).join(', '),
  );
  walk.start(indexer, 'indexer');
  const done = [];
  for (const id of ids) done.push(await walk.completed(id, ['priority', 'started_at', 'result']));
  done.sort((one, other) => (one.started_at < other.started_at ? -1 : 1));
  const sequence = done.map((task) => task.priority).join(', ');
  say(`They were started in this order: ${sequence}.`);
  expect(sequence === 'critical, high, medium, low', 'the most urgent task runs first');
}

/** Troubleshooting: the last step of the chain is ready and waits for a capable agent. */
export async function noCapableAgent(walk: Walk): Promise<void> {
  heading('"No capable agents available", and how to fix it');
  const id = walk.chainEnd;
  const { requirements } = await walk.until(id, 'pending', (task) => task.status === 'pending');
  const advice = await walk.show('route_task', { task_id: id }, ['selected_agent', 'reason']);
  expect(advice.selected_agent === null, 'no agent can write yet');
  await walk.show('find_agents', { requirements: [walk.named('javascript')] }, ({ agents }) =>
    agents.map((agent) => `${agent.agent_id}: ${agent.capabilities.map(({ name }) => name).join(', ')}`),
  );
  const writer = walk.named('writer_bot');
  await walk.register(writer, ['writing'], 1);
  walk.start(writer, 'writer');
  expect(
    requirements.every((name) => name === walk.named('writing')),
    'the new agent has what the task requires',
  );
  await walk.completed(id, ['assigned_to', 'status', 'result']);
  say('The file starts with:');
  const written = readFileSync(path.join(walk.folder, 'patterns.md'), 'utf8').split('\n');
  for (const line of written.slice(0, 4)) say(`  ${line}`);
}
