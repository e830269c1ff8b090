import type { Task } from '#shared/contract/task.ts';
import { neighborsShown, useDependents, useExplanation, useGraphTasks } from '../data/task-facts.ts';
import { taskHref } from '../view/address.ts';
import type { Status } from '../view/states.ts';
import { countText } from '../view/words.ts';
import { Section } from './layout.tsx';
import { More } from './more.tsx';
import { Mark } from './state.tsx';
import { Code, Words } from './text.tsx';

type Policy = Task['on_dependency_failure'];

interface Neighbor {
  task_id: string;
  title?: string | undefined;
  status?: Status | undefined;
  /** What the failure of the dependency means. */
  policy?: Policy | undefined;
}

const meaningOfPolicy: Readonly<Record<Policy, string>> = {
  block: 'must succeed',
  cancel: 'its failure cancels this task',
  run_anyway: 'need not succeed',
};

/** A task's dependencies and dependents. Titles come from its graph, in a single request. */
export function Dependencies({ task }: { task: Task }) {
  return (
    <>
      {task.dependencies.length > 0 && <DependsOn task={task} />}
      <NeededBy task={task} />
    </>
  );
}

function DependsOn({ task }: { task: Task }) {
  const { task_id, dependencies, dependency_policies: policies, on_dependency_failure } = task;
  const inGraph = useGraphTasks(task);
  const { data: why } = useExplanation(task_id, task);
  const explained = new Map(why?.dependencies?.map((one) => [one.task_id, one]));
  const on = dependencies.map((id): Neighbor => ({
    task_id: id,
    title: inGraph.get(id)?.title,
    status: inGraph.get(id)?.status ?? explained.get(id)?.status,
    policy: policies?.[id] ?? on_dependency_failure,
  }));
  return (
    <Section title="Depends on">
      <NeighborList tasks={on} />
    </Section>
  );
}

function NeededBy({ task: { task_id } }: { task: Task }) {
  const list = useDependents(task_id);
  const dependents = list.pages?.flatMap((page) => page.tasks) ?? [];
  if (dependents.length === 0 && !list.hasNextPage) return null;
  return (
    <Section title="Needed by">
      <NeighborList tasks={dependents} limit={dependents.length} />
      <More list={list} />
    </Section>
  );
}

interface NeighborListProps {
  tasks: readonly Neighbor[];
  hrefOf?: (taskId: string) => string;
  limit?: number;
}

/** Some tasks, one line each. */
export const NeighborList = ({ tasks, hrefOf = taskHref, limit = neighborsShown }: NeighborListProps) => (
  <>
    <ul class="neighbors">
      {tasks.slice(0, limit).map(({ task_id, title, status, policy }) => (
        <li key={task_id}>
          {status && <Mark status={status} />}
          <a href={hrefOf(task_id)}>{title === undefined ? <Code text={task_id} /> : <Words text={title} />}</a>
          <span class="quiet">{[policy && meaningOfPolicy[policy], status].filter(Boolean).join(', ')}</span>
        </li>
      ))}
    </ul>
    {tasks.length > limit && <p class="quiet">and {countText(tasks.length - limit, 'more', 'more')}</p>}
  </>
);
