import { useState } from 'preact/hooks';
import { useBulk, type BulkOperation } from '../data/bulk.ts';
import { messageOf, useMay } from '../data/muster.tsx';
import { taskHref } from '../view/address.ts';
import { describeFilters, mayMatch, type Filters } from '../view/filters.ts';
import { canCancel, canRetry } from '../view/states.ts';
import { countText, numberText } from '../view/words.ts';
import { Dialog } from './dialog.tsx';
import { Failure } from './layout.tsx';
import { Code, Words } from './text.tsx';

const verbs = {
  cancel_tasks: { title: 'Cancel', past: 'Cancelled', future: 'would be cancelled', which: 'open' },
  retry_tasks: { title: 'Retry', past: 'Retried', future: 'would be retried', which: 'failed or cancelled' },
} as const;

/** How many refused tasks are listed; the rest are counted. */
const refusedShown = 5;

/** Cancels or retries all tasks that match the filters, on all pages. Not offered without a filter. */
export function BulkActions({ filters }: { filters: Filters }) {
  const mayManage = useMay('tasks:manage');
  const [asked, setAsked] = useState<BulkOperation>();
  if (!mayManage || Object.keys(filters).length === 0) return null;
  return (
    <>
      {mayMatch(filters, canRetry) && (
        <button type="button" onClick={() => setAsked('retry_tasks')}>
          Retry these
        </button>
      )}
      {mayMatch(filters, canCancel) && (
        <button type="button" onClick={() => setAsked('cancel_tasks')}>
          Cancel these
        </button>
      )}
      {asked && <BulkDialog name={asked} filters={filters} onClose={() => setAsked(undefined)} />}
    </>
  );
}

interface BulkDialogProps {
  name: BulkOperation;
  filters: Filters;
  onClose: () => void;
}

function BulkDialog({ name, filters, onClose }: BulkDialogProps) {
  const { state, run } = useBulk(name, filters);
  const { phase, total, changed, refused, error } = state;
  const { title, past, future, which } = verbs[name];
  const isDone = phase === 'done';
  return (
    <Dialog
      title={`${title} ${describeFilters(filters)}`}
      verb={isDone ? undefined : phase === 'stopped' ? 'Continue' : `${title} ${countText(total, 'task')}`}
      back={isDone ? 'Close' : phase === 'changing' ? 'Stop' : 'Back'}
      danger={name === 'cancel_tasks'}
      busy={phase === 'counting' || phase === 'changing'}
      disabled={phase === 'counted' && total === 0}
      onClose={onClose}
      onConfirm={run}
    >
      <div class="bulk" aria-live="polite">
        {phase === 'counting' && <p>Counting: {countText(total, 'task')} so far.</p>}
        {phase === 'counted' && (
          <p>{total === 0 ? `None of them is ${which}.` : `${countText(total, 'task')} ${future}.`}</p>
        )}
        {(phase === 'changing' || phase === 'stopped') && (
          <>
            <progress max={Math.max(total, 1)} value={changed + refused.length} aria-label="Progress" />
            <p class="number">
              {past} {numberText(changed)} of {numberText(total)}.
            </p>
          </>
        )}
        {isDone && (
          <p>
            {past} {countText(changed, 'task')}.
          </p>
        )}
        {refused.length > 0 && (
          <>
            <p>
              {countText(refused.length, 'task was', 'tasks were')} refused, mostly because another change came first:
            </p>
            <ul class="neighbors">
              {refused.slice(0, refusedShown).map(({ task_id, code }) => (
                <li key={task_id}>
                  <a href={taskHref(task_id)}>
                    <Code text={task_id} />
                  </a>
                  <span class="quiet">
                    <Words text={code} />
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
        {error !== undefined && <Failure message={messageOf(error)} />}
      </div>
    </Dialog>
  );
}
