import { taskHref } from '../view/address.ts';
import { Words } from './text.tsx';

/** A task by its title, in a table. */
export const TaskLink = ({ task: { task_id, title } }: { task: { task_id: string; title: string } }) => (
  <a href={taskHref(task_id)}>
    <Words text={title} />
  </a>
);
