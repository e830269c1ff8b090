import { hrefOf } from '../view/address.ts';
import { sumOf } from '../view/flow.ts';
import { headlineOf, helpFor } from '../view/overview.ts';
import { inWords } from '../view/reasons.ts';
import { beginWith } from '../view/snippets.ts';
import { durationText, numberText, percentText } from '../view/words.ts';
import { hasWork, messageOf, useHealth, useLive } from '../data/muster.tsx';
import type { OutputOf } from '#clients/sdk/operation-methods.ts';
import { AgentLink } from '../parts/agent-state.tsx';
import { Snippet } from '../parts/copy.tsx';
import { FlowChart } from '../parts/flow-chart.tsx';
import { Empty, Failure, Loading, Page, Section } from '../parts/layout.tsx';
import { StatusBar } from '../parts/status-bar.tsx';
import { Table } from '../parts/table.tsx';
import { TaskLink } from '../parts/task-link.tsx';
import { Words } from '../parts/text.tsx';
import { Ago } from '../parts/time.tsx';

const failuresShown = 5;
/** The interval between requests of the per-minute counts, in milliseconds. */
const flowPollMs = 10_000;

/** Whether work is flowing, how long it waits, what fails, and which agents are busy. */
export function Overview() {
  const { data: health, error } = useHealth();
  const flow = useLive('get_queue_statistics', {}, { atLeastMs: () => flowPollMs });
  const statistics = flow.data;
  const recommendations = useRecommendations(health);
  const failures = useFailures();
  // Wait for all, because a part that arrives later would move the rest.
  if (!health || flow.isLoading || recommendations.isLoading || failures.isLoading) {
    return <Page title="Overview">{error ? <Failure message={messageOf(error)} /> : <Loading lines={8} />}</Page>;
  }
  const { title, text, tone } = headlineOf(health);
  const isNew = health.queue.total === 0 && health.agents.total_agents === 0;
  return (
    <Page title={title} name="Overview" lead={<span class={`tone-${tone}`}>{text}</span>}>
      <Tiles health={health} statistics={statistics} />
      <Recommendations answer={recommendations.data} />
      {isNew && <Beginning />}
      <div class="columns">
        <Section title="Flow, last hour">
          {statistics ? <FlowChart minutes={statistics.per_minute} /> : <Loading lines={8} />}
        </Section>
        <Section title="Open tasks by status">
          <StatusBar counts={health.queue} />
        </Section>
      </div>
      <RecentFailures data={failures.data} error={failures.error} />
    </Page>
  );
}

interface TilesProps {
  health: OutputOf<'get_health'>;
  /** Undefined if it could not be read. */
  statistics: OutputOf<'get_queue_statistics'> | undefined;
}

function Tiles({ health: { queue, agents }, statistics }: TilesProps) {
  const hour = sumOf(statistics?.per_minute ?? []);
  const wait = statistics && statistics.wait_p99_ms > 0 ? statistics : undefined;
  return (
    <dl class="tiles">
      <Tile label="Ready" value={numberText(queue.pending)}>
        {queue.pending > 0 ? `oldest ${durationText(queue.oldest_pending_seconds * 1000)}` : 'none is waiting'}
      </Tile>
      <Tile label="With agents" value={numberText(queue.assigned + queue.running)}>
        of {numberText(agents.slots_total)} slots
      </Tile>
      <Tile label="Completed, last hour" value={statistics ? numberText(hour.completed) : '–'}>
        {hour.completed + hour.failed > 0 ? `${percentText(hour.successRate)} success` : 'nothing has ended'}
      </Tile>
      <Tile label="Wait, median" value={wait ? durationText(wait.wait_p50_ms) : '–'}>
        {wait ? `p99 ${durationText(wait.wait_p99_ms)}` : 'nothing was assigned'}
      </Tile>
    </dl>
  );
}

const Tile = ({ label, value, children }: { label: string; value: string; children: preact.ComponentChildren }) => (
  <div class="tile">
    <dt>{label}</dt>
    <dd>
      <span class="tile-value">{value}</span> <span class="quiet">{children}</span>
    </dd>
  </div>
);

const useRecommendations = (health: OutputOf<'get_health'> | undefined) =>
  useLive('get_recommendations', {}, { moves: () => health !== undefined && hasWork(health) });

function Recommendations({ answer }: { answer: OutputOf<'get_recommendations'> | undefined }) {
  return (
    <div class="notices">
      {answer?.recommendations.map((one) => {
        const { label, path, query } = helpFor(one);
        return (
          <div key={one.code + one.message} class="notice">
            <p>
              <Words text={one.message} />
            </p>
            <a class="button" href={hrefOf(path, query)}>
              {label}
            </a>
          </div>
        );
      })}
    </div>
  );
}

function Beginning() {
  const { agent, task } = beginWith(location.origin);
  return (
    <Section title="Get started">
      <ol class="steps">
        <li>
          <p>
            Register an agent, with a key of role admin in MUSTER_KEY (on a laptop, <code>npm start</code> prints one):
          </p>
          <Snippet text={agent} label="Register an agent" />
        </li>
        <li>
          <p>Create a task for it:</p>
          <Snippet text={task} label="Create a task" />
        </li>
        <li>
          <p>
            Run the agent: <a href="#/connect">connect one</a> in TypeScript, Python or over MCP.
          </p>
        </li>
      </ol>
    </Section>
  );
}

const useFailures = () => useLive('query_tasks', { status: 'failed', limit: failuresShown }, { moves: () => false });

function RecentFailures({ data, error }: Pick<ReturnType<typeof useFailures>, 'data' | 'error'>) {
  return (
    <Section
      title="Recent failures"
      aside={data?.tasks.length ? <a href="#/tasks?status=failed">All failed tasks</a> : null}
    >
      {!data && error && <Failure message={messageOf(error)} />}
      {data?.tasks.length === 0 && <Empty title="No task has failed." />}
      {data && data.tasks.length > 0 && (
        <Table
          label="Recent failures"
          rows={data.tasks.filter((task) => task.status === 'failed')}
          keyOf={({ task_id }) => task_id}
          columns={[
            { title: 'Task', class: 'main', cell: (task) => <TaskLink task={task} /> },
            { title: 'Agent', drop: 2, class: 'name', cell: ({ assigned_to }) => <AgentLink id={assigned_to} /> },
            { title: 'Why', class: 'why', cell: ({ reason }) => <Words text={inWords(reason)} /> },
            { title: 'When', drop: 1, align: 'end', cell: ({ ended_at }) => <Ago at={ended_at} /> },
          ]}
        />
      )}
    </Section>
  );
}
