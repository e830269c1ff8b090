import { shortenedTo } from './shorten.ts';
import type { TaskRecord } from './task.ts';

/** A title of up to this many bytes rides along with its task, so that lists read nothing else. */
const maxTitleBytes = 120;

/** What rides along of a title that was given. */
export const shortTitle = (title: string) => shortenedTo(title, maxTitleBytes);

/** The title of a task that was given none: the first line of its content that is not blank, shortened. */
export function titleFrom(content: string): string | undefined {
  const line = /\S[^\r\n]*/.exec(content)?.[0];
  return line && shortTitle(line.trimEnd().replaceAll(/\s+/g, ' '));
}

/** What lists call a task. Reads nothing but the task itself, which holds a title or the content to take it from. */
export const titleOfTask = ({ title, payload, type }: Pick<TaskRecord, 'title' | 'payload' | 'type'>): string =>
  title ?? titleFrom(payload?.content ?? '') ?? type;
