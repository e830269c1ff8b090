import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Task } from '#shared/contract/task.ts';
import { heading, say } from '../narrator.ts';
import { expect, type Walk } from '../walk.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const source = (name: string) => readFileSync(path.join(root, name), 'utf8');

/** The common patterns of the quick start. The first, simple execution, is sections 3 to 5. */
export async function patterns(walk: Walk): Promise<void> {
  const balanced = await loadBalancing(walk);
  await retryOnFailure(walk, balanced);
  await specialization(walk);
}

const parsing = (file: string) => ({
  content: `Count the values in ${file}`,
  task_type: 'parsing',
  requirements: ['json'],
  metadata: { file },
});

/**
 * Two agents that are not running yet, so that assigned tasks remain as their load.
 * @returns the tasks they will do
 */
async function loadBalancing(walk: Walk): Promise<string[]> {
  heading('Pattern 2: load balancing');
  const [one, two] = [walk.named('parser_1'), walk.named('parser_2')];
  await walk.register(one, ['json'], 1);
  await walk.register(two, ['json'], 4);
  const ids: string[] = [];
  for (const [file, expected] of [
    ['package-lock.json', one],
    ['package.json', two],
    ['tsconfig.json', two],
  ] as const) {
    writeFileSync(path.join(walk.folder, file), source(file));
    const { task_id: id } = await walk.create({ ...parsing(file), routing: 'manual' });
    const advice = await walk.show('route_task', { task_id: id }, ({ candidates, selected_agent: selected }) => [
      ...candidates.map(({ agent_id: name, score, load, max_concurrent_tasks: most, reason }) => {
        return `${name}: score ${score}, ${load} of ${most} slots in use${reason === undefined ? '' : `, ${reason}`}`;
      }),
      `selected: ${selected}`,
    ]);
    expect(advice.selected_agent === expected, `${expected} has the better score`);
    await walk.show('assign_task', { task_id: id, agent_id: expected }, ['status', 'assigned_to']);
    ids.push(id);
  }
  return ids;
}

/** A half-written file is a temporary failure; a file with a comment in it fails until it is fixed. */
async function retryOnFailure(walk: Walk, others: readonly string[]): Promise<void> {
  heading('Pattern 3: retry on failure');
  const whole = source('package-lock.json');
  const [halfFile, commentedFile] = ['half-written.json', 'commented.json'];
  writeFileSync(path.join(walk.folder, halfFile), whole.slice(0, whole.lastIndexOf('"')));
  writeFileSync(path.join(walk.folder, commentedFile), `// not allowed in JSON\n${source('package.json')}`);
  const half = await walk.create(parsing(halfFile));
  const commented = await walk.create(parsing(commentedFile));
  const total = await walk.create({
    content: 'Add up the values of both',
    task_type: 'totalling',
    requirements: ['json'],
    dependencies: [half.task_id, commented.task_id],
  });

  say('Both parsers start now.');
  for (const name of ['parser_1', 'parser_2']) walk.start(walk.named(name), 'parser');
  for (const id of others) await walk.completed(id, ['assigned_to', 'result']);
  await walk.until(half.task_id, 'requeued', (task) => task.retry_count > 0);
  const lastReason = ({ status, retry_count: retries, not_before: after, history }: Task) => [
    { status, retry_count: retries, not_before: after },
    history.at(-1)?.reason,
  ];
  await walk.show('get_task', { task_id: half.task_id }, lastReason);
  writeFileSync(path.join(walk.folder, halfFile), whole);
  say(`A temporary failure: the task will be retried. ${halfFile} is now complete.`);

  await walk.until(commented.task_id, 'failed', (task) => task.status === 'failed');
  await walk.show('get_task', { task_id: commented.task_id }, ['status', 'error']);
  await walk.until(total.task_id, 'blocked', (task) => task.status === 'blocked');
  await walk.show('get_task', { task_id: total.task_id }, ['status']);
  writeFileSync(path.join(walk.folder, commentedFile), source('package.json'));
  say(`A permanent failure: the task stays failed and its dependent blocked until ${commentedFile} is fixed.`);
  await walk.show('retry_task', { task_id: commented.task_id }, ['status', 'retry_count']);

  const retried = await walk.completed(half.task_id, ['status', 'attempt', 'result']);
  expect(retried.attempt > 1, 'a later attempt succeeded');
  await walk.completed(commented.task_id, ['status', 'attempt', 'result']);
  await walk.completed(total.task_id, ['status', 'result']);
}

/** Shows that every task went to an agent with the required capabilities. */
async function specialization(walk: Walk): Promise<void> {
  heading('Pattern 4: skill specialization');
  for (const agentId of walk.agents) {
    await walk.show('query_tasks', { agent_id: agentId, status: 'completed' }, ({ tasks }) =>
      tasks.map((task) => `${task.task_type} (${task.requirements.join(', ')})`).join('; '),
    );
  }
}
