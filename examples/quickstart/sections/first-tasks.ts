import type { Analysis, Findings } from '../agents/findings.ts';
import { heading, say } from '../narrator.ts';
import { expect, type Walk } from '../walk.ts';

/** Sections 2 to 5: two agents, a task and one that depends on it, from creation to result. */
export async function firstTasks(walk: Walk): Promise<void> {
  heading('2. Register agents');
  const [researcher, analyst] = [walk.named('researcher_bot'), walk.named('analysis_bot')];
  await walk.register(researcher, ['javascript', 'research'], 5);
  await walk.register(analyst, ['javascript', 'data_analysis', 'visualization'], 3);

  heading('3. Create tasks');
  const research = await walk.create({
    content: 'Research asynchronous patterns in installed packages',
    task_type: 'research',
    priority: 'high',
    requirements: ['javascript', 'research'],
    metadata: { packages: ['fauxqs', 'eslint', 'vitest', 'zod'] },
  });
  const analysis = await walk.create({
    content: 'Analyze the research findings',
    task_type: 'analysis',
    requirements: ['data_analysis', 'javascript'],
    dependencies: [research.task_id],
  });
  expect(analysis.status === 'waiting', 'a task with an open dependency waits');

  heading('4. Route tasks to agents');
  say('The router may already have assigned the task: then both calls return the same agent.');
  const advice = await walk.show('route_task', { task_id: research.task_id }, ['selected_agent', 'reason']);
  expect(advice.selected_agent === researcher, `${researcher} is the one capable agent`);
  await walk.show('assign_task', { task_id: research.task_id, agent_id: researcher }, ['status', 'assigned_to']);

  heading('5. Execute tasks');
  const polled = await walk.show('poll_tasks', { agent_id: researcher, status: 'assigned' }, ({ count, tasks }) => ({
    count,
    tasks: tasks.map(({ content, status }) => ({ content, status })),
  }));
  expect(polled.count === 1, `${researcher} has its task`);
  say('Both agents start now, each in its own process. The second one gets the findings of the first with its claim.');
  walk.start(researcher, 'researcher');
  walk.start(analyst, 'analyst');

  await walk.completed(research.task_id, ({ result, metrics }) => {
    const { packages, examples } = result as unknown as Findings;
    const read = packages.map(({ package: name, files, lines }) => `${name}: ${files} files, ${lines} lines`);
    const found = Object.entries(examples).map(([pattern, place]) => `${pattern}: first in ${place}`);
    return [...read, ...found, { metrics }];
  });
  await walk.completed(analysis.task_id, ({ result }) => {
    const { sentences, chart } = result as unknown as Analysis;
    return [...sentences, ...chart];
  });
}
