import type { Command } from 'commander';
import { printable } from '#shared/contract/printable.ts';
import type { OutputOf } from '../../sdk/index.ts';
import { addBulk } from '../bulk-command.ts';
import { exitCodes } from '../failure.ts';
import { addList, addOperation } from '../operation-command.ts';
import { talk } from '../session.ts';
import { changeLine } from '../views/change-line.ts';
import { details } from '../views/details.ts';
import { taskColumns, taskTable } from '../views/tables.ts';
import { changes, patiently } from '../watch.ts';

type Task = OutputOf<'get_task'>;

export function addTaskCommands(program: Command): void {
  const task = program.command('task').description('Create, inspect and manage tasks');
  addOperation(task, { name: 'create', operation: 'create_task', show: taskTable });
  addOperation(task, { name: 'get', operation: 'get_task', show: details });
  addList(task, {
    operation: 'query_tasks',
    description: 'List tasks, with filters',
    columns: taskColumns,
    rows: (client, filter) => client.tasks(filter),
  });
  addWatch(task);
  addOperation(task, { name: 'explain', operation: 'explain_task', show: explanation });
  addBulk(task, {
    name: 'cancel',
    one: 'cancel_task',
    all: 'cancel_tasks',
    summary: 'Cancel a task, or the open tasks that match a filter',
    done: 'cancelled',
  });
  addBulk(task, {
    name: 'retry',
    one: 'retry_task',
    all: 'retry_tasks',
    summary: 'Retry a failed or cancelled task, or those that match a filter',
    done: 'retried',
  });
  addOperation(task, {
    name: 'queue',
    operation: 'poll_tasks',
    show: ({ tasks }) => (tasks.length === 0 ? 'None.' : taskTable(...tasks)),
  });
  addOperation(task, { name: 'route', operation: 'route_task', show: details });
  addOperation(task, { name: 'assign', operation: 'assign_task', positional: ['agent_id'], show: taskTable });
  addOperation(task, { name: 'start', operation: 'start_task', show: taskTable });
  addOperation(task, { name: 'heartbeat', operation: 'heartbeat_task', show: details });
  addOperation(task, {
    name: 'complete',
    operation: 'complete_task',
    show: ({ claimed = [], ...completed }) => taskTable(completed, ...claimed),
  });
  addOperation(task, { name: 'fail', operation: 'fail_task', show: taskTable });
  addOperation(task, { name: 'release', operation: 'release_task', show: taskTable });
}

function addWatch(parent: Command): void {
  parent
    .command('watch')
    .summary('Follow a task until it ends')
    .description(
      `Prints each change of a task until it ends or is blocked by a failed dependency.
Exits with 0 when the task is completed, otherwise with ${exitCodes.unsuccessful}.`,
    )
    .argument('<task_id>', 'Task id')
    .action(
      talk(async ({ client, output }, command) => {
        const [taskId = ''] = command.args;
        let last: Task | undefined;
        const watched = changes({
          look: () => client.getTask({ task_id: taskId }, patiently),
          fingerprint: (task: Task) => [task.status, task.attempt, task.assigned_to, progressOf(task)],
          isOver: ({ status }) => ['completed', 'failed', 'cancelled', 'blocked'].includes(status),
        });
        for await (const task of watched) {
          output.item(task, () => lineOf(task));
          last = task;
        }
        if (last?.status === 'blocked') console.error(`To see what blocks it: muster task explain ${taskId}`);
        if (last?.status !== 'completed') process.exitCode = exitCodes.unsuccessful;
      }),
    );
}

const progressOf = (task: Task) => (task.status === 'running' ? task.progress : undefined);

function lineOf(task: Task): string {
  const { status, attempt, assigned_to } = task;
  const progress = progressOf(task);
  return changeLine(
    status,
    assigned_to === null ? undefined : `${assigned_to}, attempt ${attempt}`,
    progress?.percent === undefined ? undefined : `${progress.percent}%`,
    progress?.message,
    task.status === 'failed' ? task.error : undefined,
  );
}

function explanation({ sentence, ...facts }: OutputOf<'explain_task'>): string {
  return `${printable(sentence)}\n\n${details(facts)}`;
}
