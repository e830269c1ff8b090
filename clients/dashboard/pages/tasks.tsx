import { useSearch } from 'wouter';
import type { OutputOf } from '#clients/sdk/operation-methods.ts';
import { replaceQuery } from '../data/location.ts';
import { messageOf } from '../data/muster.tsx';
import { usePages } from '../data/pages.ts';
import { BulkActions } from '../parts/bulk-actions.tsx';
import { Empty, Failure, Loading, Page, Section } from '../parts/layout.tsx';
import { More } from '../parts/more.tsx';
import { StatusChips } from '../parts/status-chips.tsx';
import { TaskTable } from '../parts/task-table.tsx';
import { hrefOf } from '../view/address.ts';
import { describeFilters, filtersIn, priorities, queryFor, type Filters } from '../view/filters.ts';
import { isEnded } from '../view/states.ts';
import { countText } from '../view/words.ts';

const pageSize = 50;

type TaskPage = OutputOf<'query_tasks'>;

/** All tasks, filtered by the URL. */
export function Tasks() {
  const filters = filtersIn(useSearch());
  const list = usePages('query_tasks', { ...queryFor(filters), limit: pageSize }, hasOpenTask);
  const { pages, error, hasNextPage } = list;
  const tasks = unique(pages?.flatMap((page) => page.tasks) ?? []);
  const what = describeFilters(filters);
  const lead = pages ? `${countText(tasks.length, 'task')} shown${hasNextPage ? ', there are more' : ''}` : 'Loading';
  return (
    <Page
      title={what.charAt(0).toUpperCase() + what.slice(1)}
      name="Tasks"
      lead={lead}
      actions={<BulkActions filters={filters} />}
    >
      <StatusChips chosen={filters.status ?? []} set={(status) => replaceQuery({ ...filters, status })} />
      <FilterForm filters={filters} />
      <Section title="Tasks" class="list">
        {!pages && (error ? <Failure message={messageOf(error)} /> : <Loading lines={8} />)}
        {pages && tasks.length === 0 && !hasNextPage && <NothingFound filters={filters} />}
        {tasks.length > 0 && <TaskTable label={what} tasks={tasks} />}
        <More list={list} />
      </Section>
    </Page>
  );
}

const hasOpenTask = ({ tasks }: TaskPage) => tasks.some(({ status }) => !isEnded(status));

/** A task that moves between pages appears on both. */
function unique(tasks: TaskPage['tasks']): TaskPage['tasks'] {
  return [...new Map(tasks.map((task) => [task.task_id, task])).values()];
}

type FieldName = Exclude<keyof Filters, 'status'>;

/** Every change of a filter updates the URL at once. */
function FilterForm({ filters }: { filters: Filters }) {
  const set = (name: FieldName) => (event: { currentTarget: { value: string } }) =>
    replaceQuery({ ...filters, [name]: event.currentTarget.value });
  const common = (name: FieldName) => ({
    value: filters[name] ?? '',
    onChange: set(name),
    autocomplete: 'off',
    spellcheck: false,
  });
  const field = (name: FieldName, label: string) => (
    <label>
      <span>{label}</span>
      <input type="text" {...common(name)} />
    </label>
  );
  const moment = (name: FieldName, label: string) => (
    <label class="moment">
      <span>{label}</span>
      <input type="datetime-local" {...common(name)} />
    </label>
  );
  return (
    <form class="filters" role="search" aria-label="Filter tasks" onSubmit={(event) => event.preventDefault()}>
      {field('task_type', 'Type')}
      <label>
        <span>Priority</span>
        <select value={filters.priority ?? ''} onChange={set('priority')}>
          <option value="">any</option>
          {priorities.map((priority) => (
            <option key={priority} value={priority}>
              {priority}
            </option>
          ))}
        </select>
      </label>
      {field('agent_id', 'Agent')}
      {field('graph_id', 'Graph')}
      {moment('created_after', 'Created after')}
      {moment('created_before', 'Created before')}
    </form>
  );
}

function NothingFound({ filters }: { filters: Filters }) {
  const given = Object.keys(filters) as (keyof Filters)[];
  if (given.length === 0) {
    return (
      <Empty title="There is no task yet.">
        <a href="#/connect">Create the first one</a>
      </Empty>
    );
  }
  return (
    <Empty title={`There are no ${describeFilters(filters)}.`}>
      <ul class="links">
        {given.length > 1 &&
          given.map((name) => (
            <li key={name}>
              <a href={hrefOf('/tasks', { ...filters, [name]: undefined })}>
                Clear the filter {name.replace('_', ' ')}
              </a>
            </li>
          ))}
        <li>
          <a href="#/tasks">Show all tasks</a>
        </li>
      </ul>
    </Empty>
  );
}
