import type { Task } from '#shared/contract/task.ts';
import { happeningsOf, type Happening } from '../view/attempts.ts';
import { clockText, durationText, exactText } from '../view/words.ts';
import { AgentLink } from './agent-state.tsx';
import { Mark } from './state.tsx';
import { Words } from './text.tsx';
import { useNow } from './time.tsx';

/** What happened to a task, the latest first: who, how long, and why it ended. */
export function Timeline({ task }: { task: Task }) {
  const now = useNow();
  return (
    <ol class="timeline">
      {happeningsOf(task.history).map((one) => (
        <li key={`${one.at} ${one.status}`}>
          <time dateTime={new Date(one.at).toISOString()} title={exactText(one.at)}>
            {clockText(one.at, now)}
          </time>
          <div>
            <p>
              <Mark status={one.status} /> <What happening={one} />
            </p>
            {one.reason !== undefined && (
              <p class={one.status === 'failed' ? 'failed' : 'quiet'}>
                <Words text={one.reason} />
              </p>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

function What({ happening: { what, status, attempt, agentId, lastedMs } }: { happening: Happening }) {
  const who = agentId === undefined ? null : <AgentLink id={agentId} />;
  const after = lastedMs === undefined ? '' : ` after ${durationText(lastedMs)}`;
  switch (what) {
    case 'created':
      return <>created, {status}</>;
    case 'assigned':
      return (
        <>
          attempt {attempt} assigned to {who}
        </>
      );
    case 'running':
      return (
        <>
          attempt {attempt} started by {who}
        </>
      );
    case 'returned':
      return (
        <>
          attempt {attempt} ended{after}; back in the queue
        </>
      );
    case 'ready':
      return <>ready</>;
    default:
      return (
        <>
          <strong>{what}</strong>
          {after}
          {who && after !== '' && <> by {who}</>}
        </>
      );
  }
}
