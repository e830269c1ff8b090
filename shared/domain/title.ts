import { maxTitleBytes, titleRoom } from './item-room.ts';
import { shortenedTo } from './shorten.ts';
import type { TaskDefinition, TaskRecord } from './task.ts';

/** As much of the title as fits into the item of a task that has none yet. */
export const shortTitle = (title: string, task: TaskDefinition) => shortenedTo(title, titleRoom(task));

/** The default title of a task: the first line of its content that is not blank. */
export const titleFrom = (content: string): string | undefined =>
  /\S[^\r\n]*/.exec(content)?.[0].trimEnd().replaceAll(/\s+/g, ' ');

/** The title in lists. Reads only the task itself, which holds a title or the content to derive one from. */
export const titleOfTask = ({ title, payload, type }: Pick<TaskRecord, 'title' | 'payload' | 'type'>): string =>
  title ?? shortenedTo(titleFrom(payload?.content ?? '') ?? type, maxTitleBytes);
