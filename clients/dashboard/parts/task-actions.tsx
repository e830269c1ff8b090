import { useState } from 'preact/hooks';
import type { Task } from '#shared/contract/task.ts';
import { messageOf, useChange, useLive, useMay } from '../data/muster.tsx';
import { canAssign, canCancel, canRetry } from '../view/states.ts';
import { Dialog } from './dialog.tsx';
import { Failure } from './layout.tsx';

type Action = 'cancel' | 'assign';

/** Only the actions that the task's state and the viewer's key allow. */
export function TaskActions({ task: { task_id, status } }: { task: Task }) {
  const mayManage = useMay('tasks:manage');
  const [asked, setAsked] = useState<Action>();
  const cancel = useChange('cancel_task');
  const retry = useChange('retry_task');
  const close = () => setAsked(undefined);
  if (!mayManage) return null;
  const error = retry.error ?? cancel.error;
  return (
    <>
      {canAssign(status) && (
        <button type="button" onClick={() => setAsked('assign')}>
          Assign
        </button>
      )}
      {canCancel(status) && (
        <button type="button" onClick={() => setAsked('cancel')}>
          Cancel
        </button>
      )}
      {canRetry(status) && (
        <button type="button" class="primary" disabled={retry.isPending} onClick={() => retry.mutate({ task_id })}>
          Retry now
        </button>
      )}
      {error && <Failure message={messageOf(error)} />}
      {asked === 'cancel' && (
        <Dialog
          title="Cancel this task?"
          verb="Cancel the task"
          danger
          busy={cancel.isPending}
          onClose={close}
          onConfirm={() => cancel.mutate({ task_id }, { onSettled: close })}
        >
          <p>Its agent finds out from its next report. Tasks that depend on it are blocked or cancelled.</p>
        </Dialog>
      )}
      {asked === 'assign' && <AssignDialog taskId={task_id} onClose={close} />}
    </>
  );
}

/** Offers the capable agents; the server decides. */
function AssignDialog({ taskId, onClose }: { taskId: string; onClose: () => void }) {
  const assign = useChange('assign_task');
  const { data } = useLive('route_task', { task_id: taskId }, { live: false });
  const [agentId, setAgentId] = useState('');
  return (
    <Dialog
      title="Assign this task"
      verb={agentId === '' ? 'Assign' : `Assign to ${agentId}`}
      busy={assign.isPending}
      disabled={agentId === ''}
      onClose={onClose}
      onConfirm={() => assign.mutate({ task_id: taskId, agent_id: agentId }, { onSuccess: onClose })}
    >
      <label for="assign-agent">Agent</label>
      <input
        id="assign-agent"
        list="assign-agents"
        autocomplete="off"
        value={agentId}
        onInput={(event) => setAgentId(event.currentTarget.value.trim())}
      />
      <datalist id="assign-agents">
        {data?.candidates.map(({ agent_id }) => (
          <option key={agent_id} value={agent_id} />
        ))}
      </datalist>
      {assign.error && <Failure message={messageOf(assign.error)} />}
    </Dialog>
  );
}
