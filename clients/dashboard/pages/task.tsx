import type { Task as TaskDetails } from '#shared/contract/task.ts';
import { messageOf, useLive } from '../data/muster.tsx';
import { useTaskFacts } from '../data/task-facts.ts';
import { Payload, PlainText } from '../parts/json.tsx';
import { Failure, Loading, Page, Section } from '../parts/layout.tsx';
import { State } from '../parts/state.tsx';
import { Code, Words } from '../parts/text.tsx';
import { Dependencies } from '../parts/dependencies.tsx';
import { TaskActions } from '../parts/task-actions.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { Why } from '../parts/why.tsx';
import { hrefOf } from '../view/address.ts';
import { isEnded } from '../view/states.ts';
import { countText, durationText, sizeText } from '../view/words.ts';

/** One task: why it is in its state, what happened, and its contents. */
export function Task({ params: { id } }: { params: { id: string } }) {
  const { data: task, error } = useLive('get_task', { task_id: id }, { moves: ({ status }) => !isEnded(status) });
  const areFactsLoaded = useTaskFacts(id, task);
  if (!task || !areFactsLoaded) {
    return (
      <Page title="Task" above={<a href="#/tasks">Tasks</a>}>
        {error ? <Failure message={messageOf(error)} /> : <Loading lines={10} />}
      </Page>
    );
  }
  return (
    <Page
      title={task.title}
      above={<a href="#/tasks">Tasks</a>}
      lead={<Facts task={task} />}
      actions={<TaskActions task={task} />}
    >
      <Why task={task} />
      <div class="columns stack">
        <div>
          <Section title="What happened">
            <Timeline task={task} />
          </Section>
          <Outcome task={task} />
          <Section title="Content" aside={<span class="quiet">{sizeText(task.content)}</span>}>
            <PlainText text={task.content} label="Content" />
          </Section>
          {task.metadata && Object.keys(task.metadata).length > 0 && (
            <Section title="Metadata">
              <Payload value={task.metadata} label="Metadata" />
            </Section>
          )}
        </div>
        <div>
          <Dependencies task={task} />
          <Section title="Details">
            <Details task={task} />
          </Section>
        </div>
      </div>
    </Page>
  );
}

const Facts = ({ task }: { task: TaskDetails }) => (
  <span class="facts">
    <State status={task.status} />
    <span>{task.priority} priority</span>
    {task.requirements.length > 0 && (
      <span>
        needs <Code text={task.requirements.join(' ')} />
      </span>
    )}
    <Code text={task.task_id} />
  </span>
);

function Outcome({ task }: { task: TaskDetails }) {
  if (task.status === 'completed' && task.result !== undefined) {
    return (
      <Section title="Result">
        <Payload value={task.result} label="Result" />
      </Section>
    );
  }
  if (task.status === 'failed') {
    return (
      <Section title="Error">
        <PlainText text={task.error} label="Error" />
      </Section>
    );
  }
  if (task.status === 'running' && task.progress) {
    const { percent, message } = task.progress;
    return (
      <Section title="Progress">
        {percent !== undefined && <progress max={100} value={percent} aria-label="Progress" />}
        <p>
          {percent !== undefined && <span class="number">{Math.round(percent)}% </span>}
          <Words text={message ?? ''} />
        </p>
      </Section>
    );
  }
  return null;
}

function Details({ task }: { task: TaskDetails }) {
  const facts: [string, preact.ComponentChildren][] = [
    ['Type', <a href={hrefOf('/tasks', { task_type: task.task_type })}>{<Words text={task.task_type} />}</a>],
    ['Failed runs', `${task.retry_count} of ${task.max_attempts}`],
    ['Assigned', countText(task.attempt, 'time')],
    ['Routing', task.routing],
    ['Time limit', durationText(task.timeout_seconds * 1000)],
    ...(task.graph_id === undefined
      ? []
      : [
          [
            'Graph',
            <a href={hrefOf(`/graphs/${encodeURIComponent(task.graph_id)}`, { task: task.task_id })}>
              {<Code text={task.graph_id} />}
            </a>,
          ] as [string, preact.ComponentChildren],
        ]),
  ];
  return (
    <dl class="details">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
