import { useState } from 'preact/hooks';
import { messageOf, useChange, useMay } from '../data/muster.tsx';
import { cancellable, retryable, type Graph } from '../view/graph.ts';
import { countText } from '../view/words.ts';
import { Dialog } from './dialog.tsx';
import { Failure } from './layout.tsx';

/** Cancels or retries all tasks of a graph that allow it. */
export function GraphActions({ graph: { graph_id, counts, under_way } }: { graph: Graph }) {
  const mayManage = useMay('tasks:manage');
  const [asked, setAsked] = useState(false);
  const cancel = useChange('cancel_graph');
  const retry = useChange('retry_graph');
  const close = () => setAsked(false);
  if (!mayManage) return null;
  const error = cancel.error ?? retry.error;
  const [toCancel, toRetry] = [cancellable(counts), retryable(counts)];
  return (
    <>
      {toRetry > 0 && under_way !== 'retry' && (
        <button type="button" class="primary" disabled={retry.isPending} onClick={() => retry.mutate({ graph_id })}>
          Retry {countText(toRetry, 'task')}
        </button>
      )}
      {toCancel > 0 && under_way !== 'cancel' && (
        <button type="button" onClick={() => setAsked(true)}>
          Cancel {countText(toCancel, 'task')}
        </button>
      )}
      {error && <Failure message={messageOf(error)} />}
      {asked && (
        <Dialog
          title="Cancel this graph?"
          verb={`Cancel ${countText(toCancel, 'task')}`}
          danger
          busy={cancel.isPending}
          onClose={close}
          onConfirm={() => cancel.mutate({ graph_id }, { onSettled: close })}
        >
          <p>Tasks that have ended stay as they are. Agents find out from their next reports.</p>
        </Dialog>
      )}
    </>
  );
}
