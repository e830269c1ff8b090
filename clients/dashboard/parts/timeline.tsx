import type { Task } from '#shared/contract/task.ts';
import { historyLinesOf, type Attempt, type HistoryLine } from '../view/attempts.ts';
import { inWords } from '../view/reasons.ts';
import type { Status } from '../view/states.ts';
import { clockText, durationText, exactText } from '../view/words.ts';
import { AgentLink } from './agent-state.tsx';
import { Mark } from './state.tsx';
import { Words } from './text.tsx';
import { useNow } from './time.tsx';

/** What happened to a task, latest attempt first: who, how long, and why it ended. */
export function Timeline({ task }: { task: Task }) {
  const now = useNow();
  return (
    <ol class="timeline">
      {historyLinesOf(task.history).map((one) => (
        <li key={`${one.at} ${one.attempt?.number ?? one.status}`}>
          <time dateTime={new Date(one.at).toISOString()} title={exactText(one.at)}>
            {clockText(one.at, now)}
          </time>
          <div>{one.attempt ? <AttemptLines line={one} attempt={one.attempt} now={now} /> : <Line of={one} />}</div>
        </li>
      ))}
    </ol>
  );
}

function AttemptLines({ line, attempt, now }: { line: HistoryLine; attempt: Attempt; now: number }) {
  const { number, agentId, startedAt, endedAt } = attempt;
  const { status, reason } = line;
  return (
    <>
      <p>
        <Mark status={status} /> <strong>Attempt {number}</strong>
        {agentId !== undefined && (
          <>
            {' · '}
            <AgentLink id={agentId} />
          </>
        )}
        {startedAt !== undefined && (
          <>
            {' · '}
            <span class="number" title={`Started ${exactText(startedAt)}`}>
              {durationText(Math.max(0, (endedAt ?? now) - startedAt))}
            </span>
          </>
        )}
      </p>
      <p class={status === 'failed' ? 'failed' : 'quiet'}>
        <Words text={reason === undefined ? outcomeOf(status, startedAt !== undefined) : inWords(reason)} />
        {status === 'pending' && '; back in the queue'}
      </p>
    </>
  );
}

function outcomeOf(status: Status, hasStarted: boolean): string {
  if (status === 'assigned') return 'not started yet';
  if (status === 'running') return 'running';
  if (status === 'pending') return hasStarted ? 'ended' : 'not started';
  return status;
}

const Line = ({ of: { status, isCreation, reason } }: { of: HistoryLine }) => (
  <>
    <p>
      <Mark status={status} /> {isCreation ? `created, ${status}` : status === 'pending' ? 'ready' : status}
    </p>
    {reason !== undefined && (
      <p class={status === 'failed' ? 'failed' : 'quiet'}>
        <Words text={inWords(reason)} />
      </p>
    )}
  </>
);
