import { useState } from 'preact/hooks';
import type { Agent as AgentDetails } from '#shared/contract/nouns.ts';
import { messageOf, useCaller, useChange, useLive, useMay } from '../data/muster.tsx';
import { AgentState, Load } from '../parts/agent-state.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Empty, Failure, Loading, Page, Section } from '../parts/layout.tsx';
import { TaskTable } from '../parts/task-table.tsx';
import { Code, Words } from '../parts/text.tsx';
import { Ago } from '../parts/time.tsx';
import { hrefOf } from '../view/address.ts';
import { evidenceOf, heatOf } from '../view/agents.ts';
import { isEnded } from '../view/states.ts';
import { countText, durationText, percentText } from '../view/words.ts';

const recentTasks = 20;

/** One agent: what it can do and how well, what it holds, and what it did. */
export function Agent({ params: { id } }: { params: { id: string } }) {
  const { data: agent, error } = useLive('get_agent', { agent_id: id }, { moves: ({ load }) => load > 0 });
  const work = useWork(id);
  const above = <a href="#/agents">Agents</a>;
  // Wait for both, because a part that arrives later would move the rest.
  if (!agent || work.isLoading) {
    return (
      <Page title={id} above={above}>
        {error ? <Failure message={messageOf(error)} /> : <Loading lines={8} />}
      </Page>
    );
  }
  return (
    <Page title={agent.agent_id} above={above} lead={<Facts agent={agent} />} actions={<Actions agent={agent} />}>
      <Section title="Capabilities">
        <Capabilities agent={agent} />
      </Section>
      <Work agentId={agent.agent_id} work={work} />
    </Page>
  );
}

function Facts({
  agent: { health, load, max_concurrent_tasks: max, instance, registered_at },
}: {
  agent: AgentDetails;
}) {
  const outcomes = health.total_completed + health.total_failed;
  return (
    <span class="facts">
      <AgentState state={health.status} />
      <Load load={load} max={max} />
      {outcomes > 0 && (
        <span>
          {percentText(health.success_rate)} of {countText(outcomes, 'task')} completed,{' '}
          {durationText(health.avg_completion_ms)} each
        </span>
      )}
      <span>
        seen <Ago at={health.last_seen_at} />
      </span>
      <span>
        registered <Ago at={registered_at} />
      </span>
      {instance?.host !== undefined && (
        <span>
          on <Code text={instance.host} />
        </span>
      )}
    </span>
  );
}

/** A heat map: the darker, the more certain. */
function Capabilities({ agent: { capabilities } }: { agent: AgentDetails }) {
  if (capabilities.length === 0) {
    return <Empty title="None: it gets only tasks without requirements." />;
  }
  const sorted = capabilities.toSorted((a, b) => b.confidence - a.confidence || a.name.localeCompare(b.name));
  return (
    <ul class="heat">
      {sorted.map((one) => (
        <li key={one.name} class={`heat-${heatOf(one)}`}>
          <strong>
            <Words text={one.name} />
          </strong>
          <span class="number">{one.confidence.toFixed(2)}</span>
          <span class="evidence">{evidenceOf(one)}</span>
        </li>
      ))}
    </ul>
  );
}

const isOpen = ({ status }: { status: Parameters<typeof isEnded>[0] }) => !isEnded(status);

/** One request for both: the tasks an agent holds are listed before those it has ended. */
const useWork = (agentId: string) =>
  useLive('query_tasks', { agent_id: agentId, limit: recentTasks }, { moves: ({ tasks }) => tasks.some(isOpen) });

function Work({ agentId, work: { data, error } }: { agentId: string; work: ReturnType<typeof useWork> }) {
  const held = data?.tasks.filter(isOpen) ?? [];
  const ended = data?.tasks.filter((task) => !isOpen(task)) ?? [];
  return (
    <>
      <Section title="Holding">
        {!data && error && <Failure message={messageOf(error)} />}
        {data && held.length === 0 && <Empty title="It holds no tasks." />}
        {held.length > 0 && <TaskTable label="Holding" tasks={held} ofOneAgent />}
      </Section>
      <Section title="Recent tasks" aside={<a href={hrefOf('/tasks', { agent_id: agentId })}>All its tasks</a>}>
        {data && ended.length === 0 && <Empty title="No tasks have ended yet." />}
        {ended.length > 0 && <TaskTable label="Recent tasks" tasks={ended} ofOneAgent />}
      </Section>
    </>
  );
}

/** An agent's key can only drain and resume its own agent. */
function Actions({ agent: { agent_id, state } }: { agent: AgentDetails }) {
  const { data: caller } = useCaller();
  const mayWrite = useMay('agents:write');
  const drain = useChange('drain_agent');
  const resume = useChange('resume_agent');
  const [asked, setAsked] = useState(false);
  const close = () => setAsked(false);
  if (!mayWrite || (caller?.agent_id !== undefined && caller.agent_id !== agent_id)) return null;
  const error = drain.error ?? resume.error;
  return (
    <>
      {state === 'active' && (
        <button type="button" onClick={() => setAsked(true)}>
          Drain
        </button>
      )}
      {state === 'draining' && (
        <button type="button" class="primary" disabled={resume.isPending} onClick={() => resume.mutate({ agent_id })}>
          Resume
        </button>
      )}
      {error && <Failure message={messageOf(error)} />}
      {asked && (
        <Dialog
          title={`Drain ${agent_id}?`}
          verb={`Drain ${agent_id}`}
          busy={drain.isPending}
          onClose={close}
          onConfirm={() => drain.mutate({ agent_id }, { onSettled: close })}
        >
          <p>It finishes the tasks it holds and gets no new ones until it is resumed.</p>
        </Dialog>
      )}
    </>
  );
}
