import type { Agent } from '#shared/contract/nouns.ts';
import { messageOf, useHealth } from '../data/muster.tsx';
import { usePages } from '../data/pages.ts';
import { AgentLink, AgentState, Load } from '../parts/agent-state.tsx';
import { Snippet } from '../parts/copy.tsx';
import { Empty, Failure, Loading, Page, Section } from '../parts/layout.tsx';
import { More } from '../parts/more.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { Words } from '../parts/text.tsx';
import { Ago } from '../parts/time.tsx';
import { agentsHeadline } from '../view/agents.ts';
import { beginWith } from '../view/snippets.ts';
import { numberText, percentText } from '../view/words.ts';

const pageSize = 100;

const columns: readonly Column<Agent>[] = [
  { title: 'Agent', class: 'main', cell: ({ agent_id }) => <AgentLink id={agent_id} /> },
  { title: 'State', cell: ({ health }) => <AgentState state={health.status} /> },
  {
    title: 'Load',
    align: 'end',
    cell: ({ load, max_concurrent_tasks }) => <Load load={load} max={max_concurrent_tasks} />,
  },
  {
    title: 'Capabilities',
    drop: 3,
    class: 'note',
    cell: ({ capabilities }) => <Words text={capabilities.map(({ name }) => name).join(', ')} />,
  },
  { title: 'Completed', drop: 2, align: 'end', cell: ({ health }) => numberText(health.total_completed) },
  { title: 'Success', drop: 1, align: 'end', cell: ({ health }) => successOf(health) },
  { title: 'Last seen', drop: 1, align: 'end', cell: ({ health }) => <Ago at={health.last_seen_at} /> },
];

/** A rate without outcomes means nothing. */
const successOf = ({ total_completed, total_failed, success_rate }: Agent['health']) =>
  total_completed + total_failed === 0 ? '–' : percentText(success_rate);

/** All agents: which are working, and which are not responding. */
export function Agents() {
  const { data: health } = useHealth();
  const list = usePages('find_agents', { limit: pageSize }, ({ agents }) => agents.some(({ load }) => load > 0));
  const { pages, error, hasNextPage } = list;
  const agents = pages?.flatMap((page) => page.agents) ?? [];
  const { title, lead } = health ? agentsHeadline(health.agents) : { title: 'Agents', lead: 'Loading' };
  return (
    <Page title={title} name="Agents" lead={lead}>
      <Section title="Agents" class="list">
        {!pages && (error ? <Failure message={messageOf(error)} /> : <Loading lines={6} />)}
        {pages && agents.length === 0 && !hasNextPage && (
          <Empty title="Register the first agent, with a key of role admin in MUSTER_KEY:">
            <Snippet text={beginWith(location.origin).agent} label="Register an agent" />
            <a href="#/connect">Connect one in TypeScript, Python or over MCP</a>
          </Empty>
        )}
        {agents.length > 0 && (
          <Table label="Agents" columns={columns} rows={agents} keyOf={({ agent_id }) => agent_id} />
        )}
        <More list={list} />
      </Section>
    </Page>
  );
}
