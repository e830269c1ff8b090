import { maxTitleBytes, titleRoom } from './item-room.ts';
import { shortenedTo } from './shorten.ts';
import type { TaskDefinition, TaskRecord } from './task.ts';

/** As much of a title as rides along with its task, which has none yet. */
export const shortTitle = (title: string, task: TaskDefinition) => shortenedTo(title, titleRoom(task));

/** The title of a task that was given none: the first line of its content that is not blank. */
export const titleFrom = (content: string): string | undefined =>
  /\S[^\r\n]*/.exec(content)?.[0].trimEnd().replaceAll(/\s+/g, ' ');

/** What lists call a task. Reads nothing but the task itself, which holds a title or the content to take it from. */
export const titleOfTask = ({ title, payload, type }: Pick<TaskRecord, 'title' | 'payload' | 'type'>): string =>
  title ?? shortenedTo(titleFrom(payload?.content ?? '') ?? type, maxTitleBytes);
