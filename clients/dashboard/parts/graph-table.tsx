import { useState } from 'preact/hooks';
import { dependentsById, noteOf, type GraphTask } from '../view/graph.ts';
import { numberText } from '../view/words.ts';
import { State } from './state.tsx';
import { Table, type Column } from './table.tsx';
import { TaskLink } from './task-link.tsx';
import { Code, Words } from './text.tsx';

/** How many rows are shown at first, and added on request. */
const rowsAtOnce = 100;

/** A graph as a table, equivalent to the drawing, for keyboards, screen readers and narrow screens. */
export function GraphTable({ tasks, all }: { tasks: readonly GraphTask[]; all: readonly GraphTask[] }) {
  const [shown, setShown] = useState(rowsAtOnce);
  const byId = new Map(all.map((task) => [task.task_id, task]));
  const needing = dependentsById(all);
  const columns: readonly Column<GraphTask>[] = [
    { title: 'State', cell: ({ status }) => <State status={status} /> },
    { title: 'Task', class: 'main', cell: (task) => <TaskLink task={task} /> },
    { title: 'Key', drop: 3, cell: ({ key }) => <Code text={key} /> },
    {
      title: 'Note',
      drop: 2,
      class: 'note',
      cell: (task) => <Words text={noteOf(task, (id) => byId.get(id)?.status)} />,
    },
    {
      title: 'Depends on',
      drop: 1,
      cell: ({ dependencies }) => <Words text={namesOf(dependencies, byId)} />,
    },
    {
      title: 'Needed by',
      drop: 1,
      align: 'end',
      cell: ({ task_id }) => numberText(needing.get(task_id)?.length ?? 0),
    },
  ];
  return (
    <>
      <Table
        label="Tasks of this graph"
        columns={columns}
        rows={tasks.slice(0, shown)}
        keyOf={(task) => task.task_id}
      />
      {tasks.length > shown && (
        <button type="button" class="more" onClick={() => setShown(shown + rowsAtOnce)}>
          Show more
        </button>
      )}
    </>
  );
}

const namesOf = (ids: readonly string[], byId: ReadonlyMap<string, GraphTask>) =>
  ids.length > 3 ? `${ids.length} tasks` : ids.map((id) => byId.get(id)?.key ?? id).join(', ') || '–';
