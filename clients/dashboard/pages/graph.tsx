import { useMemo, useState } from 'preact/hooks';
import { useLocation, useSearch } from 'wouter';
import { replaceQuery } from '../data/location.ts';
import { messageOf, useLive } from '../data/muster.tsx';
import { GraphActions } from '../parts/graph-actions.tsx';
import { Drawing } from '../parts/graph-drawing.tsx';
import { Finder } from '../parts/graph-finder.tsx';
import { GroupPanel, TaskPanel } from '../parts/graph-panel.tsx';
import { GraphTable } from '../parts/graph-table.tsx';
import { Failure, Loading, Page, Section } from '../parts/layout.tsx';
import { Words } from '../parts/text.tsx';
import { hrefOf } from '../view/address.ts';
import { criticalPath, workLeftMs } from '../view/critical-path.ts';
import { boxesOf, boxOf, groupIdOf, boxesWith } from '../view/graph-boxes.ts';
import { graphPollMs, progressText, type Graph as GraphDetails, type GraphTask } from '../view/graph.ts';
import { graphViewIn, isChosen, relatedTo } from '../view/graph-view.ts';
import { durationText } from '../view/words.ts';

/** One graph, live: what is running, what fails, and what holds up the rest. */
export function Graph({ params: { id } }: { params: { id: string } }) {
  const { data: graph, error } = useLive(
    'get_graph',
    { graph_id: id },
    { moves: ({ is_settled, under_way }) => !is_settled || under_way !== undefined, atLeastMs: graphPollMs },
  );
  const above = <a href="#/graphs">Graphs</a>;
  if (!graph) {
    return (
      <Page title="Graph" above={above}>
        {error ? <Failure message={messageOf(error)} /> : <Loading lines={10} />}
      </Page>
    );
  }
  return <GraphPage graph={graph} above={above} />;
}

function GraphPage({ graph, above }: { graph: GraphDetails; above: preact.ComponentChildren }) {
  const view = graphViewIn(useSearch());
  const set = (change: Partial<typeof view>) => replaceQuery({ ...view, ...change });
  const { tasks } = graph;
  const path = useMemo(() => criticalPath(tasks), [tasks]);
  const chosen =
    view.find === undefined && view.status === undefined ? tasks : tasks.filter((one) => isChosen(one, view));
  const isTable = view.as === 'table';
  return (
    <Page
      title={graph.title}
      above={above}
      lead={<Lead graph={graph} path={path} />}
      actions={
        <>
          <button type="button" onClick={() => set({ as: isTable ? undefined : 'table' })}>
            {isTable ? 'Show the drawing' : 'Show as a table'}
          </button>
          <GraphActions graph={graph} />
        </>
      }
    >
      <Finder counts={graph.counts} view={view} found={chosen.length} set={set} />
      {isTable ? (
        <Section title="Tasks" class="list">
          <GraphTable tasks={chosen} all={tasks} />
        </Section>
      ) : (
        <DrawnGraph graph={graph} path={path} view={view} chosen={chosen} set={set} />
      )}
    </Page>
  );
}

interface DrawnGraphProps {
  graph: GraphDetails;
  path: readonly string[];
  view: ReturnType<typeof graphViewIn>;
  chosen: readonly GraphTask[];
  set: (change: Partial<ReturnType<typeof graphViewIn>>) => void;
}

function DrawnGraph({ graph: { graph_id, title, tasks }, path, view, chosen, set }: DrawnGraphProps) {
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const [, navigate] = useLocation();
  const boxes = useMemo(() => boxesOf(tasks, expanded), [tasks, expanded]);
  const task = tasks.find(({ task_id }) => task_id === view.task);
  const selected = view.task === undefined ? undefined : boxOf(view.task, boxes);
  const isNarrowed = chosen !== tasks;
  const emphasis = useMemo(
    () => ({
      selected: selected?.id,
      visible: isNarrowed
        ? boxesWith(new Set(chosen.map(({ task_id }) => task_id)), boxes)
        : selected && boxesWith(relatedTo(selected.members, tasks), boxes),
      critical: path.flatMap((id) => boxOf(id, boxes)?.id ?? []),
    }),
    [boxes, selected, path, tasks, isNarrowed && chosen.map(({ task_id }) => task_id).join()],
  );
  const close = () => set({ task: undefined });
  const isGroup = selected !== undefined && selected.members.length > 1;
  return (
    <div class={selected ? 'graph with-panel' : 'graph'}>
      <Drawing
        label={`${title}: ${tasks.length} tasks and what they depend on`}
        boxes={boxes}
        emphasis={emphasis}
        onSelect={(id) => set({ task: boxes.find((box) => box.id === id)?.members[0] })}
        onOpen={(id) => navigate(`/tasks/${boxes.find((box) => box.id === id)?.members[0] ?? ''}`)}
      />
      {isGroup && (
        <GroupPanel
          group={selected}
          graphId={graph_id}
          tasks={tasks}
          onClose={close}
          onExpand={() => setExpanded(new Set([...expanded, selected.id]))}
        />
      )}
      {task && !isGroup && (
        <TaskPanel
          task={task}
          tasks={tasks}
          hrefOf={(taskId) => hrefOf(`/graphs/${graph_id}`, { ...view, task: taskId })}
          onClose={close}
          onCollapse={
            groupIdOf(task.task_id, tasks) === undefined
              ? undefined
              : () => setExpanded(new Set([...expanded].filter((id) => id !== groupIdOf(task.task_id, tasks))))
          }
        />
      )}
    </div>
  );
}

function Lead({ graph, path }: { graph: GraphDetails; path: readonly string[] }) {
  const keys = new Map(graph.tasks.map(({ task_id, key }) => [task_id, key]));
  const left = workLeftMs(path, graph.tasks);
  const isDone = graph.is_settled;
  return (
    <>
      {progressText(graph)}.{graph.under_way && <strong> {underWay[graph.under_way]}</strong>}
      {!isDone && path.length > 1 && (
        <>
          {' '}
          Critical path: <Words text={shortened(path.map((id) => keys.get(id) ?? id)).join(' → ')} />
          {left !== undefined && left >= 1_000 && `, about ${durationText(left)} of work left`}.
        </>
      )}
    </>
  );
}

const underWay = {
  cancel: 'It is being cancelled; the rest follows without another request.',
  retry: 'It is being retried; the rest follows without another request.',
};

/** A long path, abbreviated to its ends. */
const shortened = (keys: readonly string[]) =>
  keys.length <= 6 ? keys : [...keys.slice(0, 3), `${keys.length - 5} more`, ...keys.slice(-2)];
