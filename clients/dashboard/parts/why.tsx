import type { OutputOf } from '#clients/sdk/operation-methods.ts';
import type { Task } from '#shared/contract/task.ts';
import { messageOf } from '../data/muster.tsx';
import { useCandidates, useExplanation, useGraphTasks } from '../data/task-facts.ts';
import { inWords, withClockTimes } from '../view/reasons.ts';
import { withTitles } from '../view/titles.ts';
import { percentText } from '../view/words.ts';
import { AgentLink } from './agent-state.tsx';
import { Failure } from './layout.tsx';
import { Table } from './table.tsx';
import { Words } from './text.tsx';
import { useNow } from './time.tsx';

type Explanation = OutputOf<'explain_task'>;

/** Why a task is in its state: the sentence, then the facts. */
export function Why({ task }: { task: Task }) {
  const { task_id, status } = task;
  const inGraph = useGraphTasks(task);
  const { data, error } = useExplanation(task_id, task);
  const now = useNow();
  return (
    <section class="card why-card" aria-label="Why">
      {data ? (
        <p class="why-sentence">
          <Words text={withClockTimes(inWords(withTitles(data.sentence, inGraph)), now)} />
        </p>
      ) : (
        error && <Failure message={messageOf(error)} />
      )}
      {data && <Facts explanation={data} hasCandidates={status === 'pending'} />}
      {status === 'pending' && <Candidates taskId={task_id} />}
    </section>
  );
}

interface FactsProps {
  explanation: Explanation;
  /** If set, the capable agents are listed with their scores. */
  hasCandidates: boolean;
}

function Facts({ explanation, hasCandidates }: FactsProps) {
  const { nearest_agents, agents } = explanation;
  return (
    <>
      {nearest_agents && nearest_agents.length > 0 && (
        <Table
          label="Nearest agents"
          rows={nearest_agents}
          keyOf={({ agent_id }) => agent_id}
          columns={[
            { title: 'Nearest agents', cell: ({ agent_id }) => <AgentLink id={agent_id} /> },
            { title: 'Lacks', cell: ({ lacks }) => <Words text={lacks.join(', ')} /> },
          ]}
        />
      )}
      {agents && agents.length > 0 && !hasCandidates && (
        <Table
          label="Capable agents"
          rows={agents}
          keyOf={({ agent_id }) => agent_id}
          columns={[
            { title: 'Capable agents', cell: ({ agent_id }) => <AgentLink id={agent_id} /> },
            { title: 'Why not now', cell: ({ reason }) => reason },
          ]}
        />
      )}
    </>
  );
}

/** The agents that could get the task, best first, by the router's scores. */
function Candidates({ taskId }: { taskId: string }) {
  const { data } = useCandidates(taskId, true);
  const candidates = data?.candidates ?? [];
  if (candidates.length === 0) return null;
  return (
    <Table
      label="Candidates"
      rows={candidates}
      keyOf={({ agent_id }) => agent_id}
      columns={[
        { title: 'Candidates', cell: ({ agent_id }) => <AgentLink id={agent_id} /> },
        {
          title: 'State',
          cell: ({ available, reason }) => (available ? 'available' : <Words text={reason ?? 'unavailable'} />),
        },
        { title: 'Load', drop: 1, align: 'end', cell: ({ load, max_concurrent_tasks: max }) => `${load} / ${max}` },
        { title: 'Confidence', drop: 2, align: 'end', cell: ({ confidence }) => confidence.toFixed(2) },
        { title: 'Success', drop: 1, align: 'end', cell: ({ success_rate }) => percentText(success_rate) },
        { title: 'Score', align: 'end', cell: ({ score, available }) => (available ? score.toFixed(2) : '–') },
      ]}
    />
  );
}
