import { codes } from '#shared/contract/problem.ts';
import type { OutputOf } from '../../sdk/index.ts';

/** The outcome of changing many tasks. */
export type BulkOutcome = Omit<OutputOf<'cancel_tasks'>, 'next_cursor'>;

/** More ids would bury the reasons. */
const maxIds = 5;

/** How many tasks were changed, or would be. */
export function outcomeText({ changed, refused }: BulkOutcome, done: string, isDryRun: boolean): string {
  if (changed === 0 && refused.length === 0) return 'No task matches.';
  return `${tasksText(changed)} ${isDryRun ? 'would be ' : ''}${done}.`;
}

/** The refused tasks, grouped by reason. */
export function refusedText({ refused }: BulkOutcome): string {
  const lines = [...new Set(refused.map(({ code }) => code))].map((code) => {
    const tasks = refused.filter((task) => task.code === code);
    const ids = tasks.slice(0, maxIds).map(({ task_id }) => task_id);
    const more = tasks.length - ids.length;
    return `  ${code} (${titleOf(code)}): ${ids.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  });
  return [`${tasksText(refused.length)} refused:`, ...lines].join('\n');
}

export const tasksText = (count: number) => `${count} ${count === 1 ? 'task' : 'tasks'}`;

const titles: Record<string, { title: string }> = codes;
const titleOf = (code: string) => titles[code]?.title ?? 'unknown to this version of muster';
