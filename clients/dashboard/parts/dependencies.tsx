import type { Task } from '#shared/contract/task.ts';
import { useLive } from '../data/muster.tsx';
import { taskHref } from '../view/address.ts';
import { isEnded, type Status } from '../view/states.ts';
import { countText } from '../view/words.ts';
import { Section } from './layout.tsx';
import { Mark } from './state.tsx';
import { Code, Words } from './text.tsx';

/** More than these are a number. */
const shownAtOnce = 12;

interface Neighbor {
  task_id: string;
  title?: string;
  status?: Status | undefined;
}

/** What a task depends on and what depends on it. Titles are those of its graph, which one request answers. */
export function Dependencies({ task }: { task: Task }) {
  const { graph_id, task_id, status, dependencies } = task;
  const isOpen = !isEnded(status);
  const { data: graph } = useLive(
    'get_graph',
    { graph_id: graph_id ?? '' },
    { enabled: graph_id !== undefined, moves: () => false, live: isOpen },
  );
  const { data: why } = useLive('explain_task', { task_id }, { live: isOpen });
  const inGraph = new Map(graph?.tasks.map((one) => [one.task_id, one]));
  const explained = new Map(why?.dependencies?.map((one) => [one.task_id, one]));
  const on = dependencies.map((id): Neighbor => inGraph.get(id) ?? explained.get(id) ?? { task_id: id });
  const needing = graph?.tasks.filter((one) => one.dependencies.includes(task_id)) ?? [];
  return (
    <>
      {on.length > 0 && <Neighbors title="Depends on" tasks={on} />}
      {needing.length > 0 && <Neighbors title="Needed by" tasks={needing} />}
    </>
  );
}

/** Tasks beside a task, in a card. */
const Neighbors = ({ title, tasks }: { title: string; tasks: readonly Neighbor[] }) => (
  <Section title={title}>
    <NeighborList tasks={tasks} />
  </Section>
);

interface NeighborListProps {
  tasks: readonly Neighbor[];
  hrefOf?: (taskId: string) => string;
}

/** Some tasks, one line each. */
export const NeighborList = ({ tasks, hrefOf = taskHref }: NeighborListProps) => (
  <>
    <ul class="neighbors">
      {tasks.slice(0, shownAtOnce).map((one) => (
        <li key={one.task_id}>
          {one.status && <Mark status={one.status} />}
          <a href={hrefOf(one.task_id)}>
            {one.title === undefined ? <Code text={one.task_id} /> : <Words text={one.title} />}
          </a>
          {one.status && <span class="quiet">{one.status}</span>}
        </li>
      ))}
    </ul>
    {tasks.length > shownAtOnce && <p class="quiet">and {countText(tasks.length - shownAtOnce, 'more', 'more')}</p>}
  </>
);
