import type { Command } from 'commander';
import type { InputOf, MusterClient } from '../sdk/index.ts';
import { exitCodes, wrongUsage } from './failure.ts';
import { fieldsOf } from './fields.ts';
import { addCommand } from './operation-command.ts';
import { talk, type Session } from './session.ts';
import { agrees, canAsk } from './views/ask.ts';
import { outcomeText, refusedText, tasksText, type BulkOutcome } from './views/bulk-outcome.ts';
import { StatusLine } from './views/status-line.ts';
import { taskTable } from './views/tables.ts';
import { performs } from './words.ts';

interface BulkCommand {
  name: string;
  /** The operation that changes a task by id. */
  one: 'cancel_task' | 'retry_task';
  /** The operation that changes the tasks that match a filter. */
  all: 'cancel_tasks' | 'retry_tasks';
  summary: string;
  /** The resulting state of the tasks, for example cancelled. */
  done: string;
}

type BulkInput = InputOf<'cancel_tasks'>;

/** Adds a command that changes one task by id, or all tasks that match a filter. */
export function addBulk(parent: Command, spec: BulkCommand): void {
  const { name, one, all, summary } = spec;
  const fields = [
    ...fieldsOf(one).filter((field) => field.name === 'task_id'),
    ...fieldsOf(all).filter((field) => field.name !== 'limit' && field.name !== 'cursor'),
  ];
  const [command, readInput] = addCommand(
    parent,
    { name, operation: one },
    fields.map((field) => ({ ...field, isRequired: false })),
  );
  performs(all, command)
    .summary(summary)
    .description(
      `${summary}: those that match all given options.
A filter must be confirmed, at the prompt on a terminal or with --yes.
Exits with ${exitCodes.refused} if a task was refused.`,
    )
    .option('-y, --yes', 'Do not ask for confirmation')
    .action(
      talk(async (session) => {
        const { task_id: id, ...input } = (await readInput()) as BulkInput & { task_id?: string };
        const { dry_run: isDryRun, reason, ...filter } = input;
        const isFiltered = Object.keys(filter).length > 0;
        if ((id !== undefined) === isFiltered) throw wrongUsage('Give either a task id or a filter, such as --status.');
        if (id === undefined) {
          const { yes } = command.opts<{ yes?: true }>();
          return isDryRun || yes ? changeAll(session, spec, input) : changeAgreed(session, spec, input);
        }
        if (isDryRun) throw wrongUsage('--dry-run requires a filter, such as --status.');
        const task = await session.client.call(one, { task_id: id, ...(reason !== undefined && { reason }) });
        session.output.answer(task, () => taskTable(task));
      }),
    );
}

/** Asks for confirmation, with the number of tasks. */
async function changeAgreed(session: Session, spec: BulkCommand, input: BulkInput): Promise<void> {
  if (!canAsk()) {
    throw wrongUsage('Confirmation requires a terminal.', 'Use --yes to change the tasks, or --dry-run to count them.');
  }
  const count: BulkOutcome = { changed: 0, refused: [] };
  const { client } = session;
  await eachPage(client, spec.all, { ...input, dry_run: true }, count, (found) => `Counting: ${found} so far`);
  const verb = `${spec.name.slice(0, 1).toUpperCase()}${spec.name.slice(1)}`;
  if (count.changed === 0 || (await agrees(`${verb} ${tasksText(count.changed)}?`))) {
    return changeAll(session, spec, input, count.changed);
  }
  console.error('Nothing was changed.');
  process.exitCode = exitCodes.refused;
}

/** Changes the matching tasks, or counts them for a dry run. Prints the outcome even if it stops halfway. */
async function changeAll({ client, output }: Session, spec: BulkCommand, input: BulkInput, total?: number) {
  const isDryRun = input.dry_run === true;
  const outcome: BulkOutcome = { changed: 0, refused: [] };
  const print = () => {
    output.answer({ dry_run: isDryRun, ...outcome }, () => outcomeText(outcome, spec.done, isDryRun));
    if (outcome.refused.length > 0 && !output.json) console.error(refusedText(outcome));
  };
  const of = total === undefined ? '' : ` of ${total}`;
  const sofar = (changed: number) => (isDryRun ? `Counting: ${changed} so far` : `${changed}${of} ${spec.done}`);
  try {
    await eachPage(client, spec.all, input, outcome, sofar);
  } catch (error) {
    if (outcome.changed > 0) print();
    throw error;
  }
  print();
  if (outcome.refused.length > 0 && !isDryRun) process.exitCode = exitCodes.refused;
}

/**
 * Processes all pages.
 * @param outcome grows with each page
 * @param status the progress text for the terminal
 */
async function eachPage(
  client: MusterClient,
  operation: BulkCommand['all'],
  input: BulkInput,
  outcome: BulkOutcome,
  status: (changed: number) => string,
): Promise<void> {
  const line = new StatusLine();
  try {
    for (let cursor: string | undefined, isLast = false; !isLast; isLast = cursor === undefined) {
      const page = await client.call(operation, { ...input, ...(cursor !== undefined && { cursor }) });
      outcome.changed += page.changed;
      outcome.refused.push(...page.refused);
      line.show(status(outcome.changed));
      cursor = page.next_cursor;
    }
  } finally {
    line.end();
  }
}
