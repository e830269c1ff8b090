import { hrefOf as pageHref, taskHref } from '../view/address.ts';
import { dependentsById, heldUpBy, noteOf, type GraphTask } from '../view/graph.ts';
import type { Box } from '../view/graph-boxes.ts';
import { countText } from '../view/words.ts';
import { NeighborList } from './dependencies.tsx';
import { State } from './state.tsx';
import { Words } from './text.tsx';

interface PanelProps {
  /** All tasks of the graph. */
  tasks: readonly GraphTask[];
  onClose: () => void;
}

interface TaskPanelProps extends PanelProps {
  task: GraphTask;
  /** The link to another task of the graph. */
  hrefOf: (taskId: string) => string;
  /** Draws similar tasks as one box again, if the task belongs to such a group. */
  onCollapse: (() => void) | undefined;
}

interface GroupPanelProps extends PanelProps {
  group: Box;
  graphId: string;
  onExpand: () => void;
}

/** The selected task beside the drawing, which stays in place. */
export function TaskPanel({ task, tasks, hrefOf, onClose, onCollapse }: TaskPanelProps) {
  const byId = new Map(tasks.map((one) => [one.task_id, one]));
  const needing = (dependentsById(tasks).get(task.task_id) ?? []).flatMap((id) => byId.get(id) ?? []);
  const heldUp = task.status === 'completed' ? 0 : heldUpBy(task.task_id, tasks);
  return (
    <aside class="card graph-panel" aria-label="Selected task" aria-live="polite">
      <h2 class="panel-title">
        <Words text={task.title} />
      </h2>
      <p class="facts">
        <State status={task.status} />
        <span class="quiet">
          <Words text={noteOf(task, (id) => byId.get(id)?.status)} />
        </span>
      </p>
      {heldUp > 0 && <p>Holds up {countText(heldUp, 'task')}.</p>}
      <div class="actions">
        <a class="button primary" href={taskHref(task.task_id)}>
          Open the task
        </a>
        {onCollapse && (
          <button type="button" onClick={onCollapse}>
            Draw as one
          </button>
        )}
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      {task.dependencies.length > 0 && (
        <>
          <h3>Depends on</h3>
          <NeighborList tasks={task.dependencies.map((id) => byId.get(id) ?? { task_id: id })} hrefOf={hrefOf} />
        </>
      )}
      {needing.length > 0 && (
        <>
          <h3>Needed by</h3>
          <NeighborList tasks={needing} hrefOf={hrefOf} />
        </>
      )}
    </aside>
  );
}

/** Tasks drawn as one box, because the same tasks come before and after them. */
export function GroupPanel({ group, graphId, tasks, onClose, onExpand }: GroupPanelProps) {
  const members = new Set(group.members);
  const notCompleted = tasks.filter(({ task_id, status }) => members.has(task_id) && status !== 'completed');
  return (
    <aside class="card graph-panel" aria-label="Selected tasks" aria-live="polite">
      <h2 class="panel-title">{group.title}</h2>
      <p class="quiet">{group.note}</p>
      <p>They are drawn as one because the same tasks come before and after each.</p>
      <div class="actions">
        <button type="button" class="primary" onClick={onExpand}>
          Draw all {group.members.length}
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      {notCompleted.length > 0 && (
        <>
          <h3>Not completed</h3>
          <NeighborList tasks={notCompleted} />
        </>
      )}
      <p>
        <a href={pageHref('/tasks', { graph_id: graphId })}>List the tasks of this graph</a>
      </p>
    </aside>
  );
}
