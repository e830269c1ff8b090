import type { TaskSummary } from '#shared/contract/task.ts';
import { inWords } from '../view/reasons.ts';
import { durationText } from '../view/words.ts';
import { AgentLink } from './agent-state.tsx';
import { State } from './state.tsx';
import { Table, type Column } from './table.tsx';
import { TaskLink } from './task-link.tsx';
import { Words } from './text.tsx';
import { Ago } from './time.tsx';

const agentColumn: Column<TaskSummary> = {
  title: 'Agent',
  drop: 2,
  class: 'name',
  cell: ({ assigned_to: agentId }) => (agentId === null ? <span class="quiet">–</span> : <AgentLink id={agentId} />),
};

const columns: readonly Column<TaskSummary>[] = [
  { title: 'State', cell: ({ status }) => <State status={status} /> },
  { title: 'Task', class: 'main', cell: (task) => <TaskLink task={task} /> },
  { title: 'Type', drop: 3, class: 'name', cell: ({ task_type }) => <Words text={task_type} /> },
  { title: 'Priority', drop: 3, cell: ({ priority }) => priority },
  agentColumn,
  { title: 'Note', drop: 2, class: 'note', cell: (task) => <Note task={task} /> },
  { title: 'Created', drop: 1, align: 'end', cell: ({ created_at }) => <Ago at={created_at} /> },
];

const columnsOfOneAgent = columns.filter((column) => column !== agentColumn);

interface TaskTableProps {
  label: string;
  tasks: readonly TaskSummary[];
  /** All belong to one agent, which the page already names. */
  ofOneAgent?: boolean;
}

/** Tasks of any state, one line each. */
export const TaskTable = ({ label, tasks, ofOneAgent = false }: TaskTableProps) => (
  <Table
    label={label}
    columns={ofOneAgent ? columnsOfOneAgent : columns}
    rows={tasks}
    keyOf={({ task_id }) => task_id}
  />
);

/** The most useful fact about a task in its state. */
function Note({ task }: { task: TaskSummary }) {
  switch (task.status) {
    case 'failed':
    case 'blocked':
    case 'cancelled':
      return (
        <span class={task.status === 'failed' ? 'failed' : 'quiet'}>
          <Words text={inWords(task.reason)} />
        </span>
      );
    case 'completed':
      return <span class="quiet">took {durationText(task.execution_duration_ms)}</span>;
    case 'running':
      return <Progress progress={task.progress} />;
    default:
      return task.requirements.length === 0 ? null : (
        <span class="quiet">
          <Words text={`needs ${task.requirements.join(', ')}`} />
        </span>
      );
  }
}

function Progress({ progress }: { progress: Extract<TaskSummary, { status: 'running' }>['progress'] }) {
  const text = [progress?.percent !== undefined && `${Math.round(progress.percent)}%`, progress?.message]
    .filter(Boolean)
    .join(' ');
  return (
    <span class="quiet">
      <Words text={text} />
    </span>
  );
}
