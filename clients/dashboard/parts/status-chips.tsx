import type { Counts } from '../view/graph.ts';
import { statuses, type Status } from '../view/states.ts';
import { numberText } from '../view/words.ts';
import { Mark } from './state.tsx';

interface StatusChipsProps {
  chosen: readonly Status[];
  set: (chosen: Status[] | undefined) => void;
  /** If known, only states with tasks are shown. */
  counts?: Counts;
}

/** Selects any number of states. */
export const StatusChips = ({ chosen, set, counts }: StatusChipsProps) => (
  <ul class="chips" aria-label="State">
    {statuses
      .filter((status) => counts === undefined || (counts[status] ?? 0) > 0 || chosen.includes(status))
      .map((status) => (
        <li key={status}>
          <button
            type="button"
            class={`chip ${status}`}
            aria-pressed={chosen.includes(status)}
            onClick={() => set(toggled(chosen, status))}
          >
            <Mark status={status} />
            {status}
            {counts && <span class="number">{numberText(counts[status] ?? 0)}</span>}
          </button>
        </li>
      ))}
  </ul>
);

/** Always in the same order, so that the same selection has the same URL. */
function toggled(chosen: readonly Status[], status: Status): Status[] | undefined {
  const next = statuses.filter((one) => chosen.includes(one) !== (one === status));
  return next.length === 0 ? undefined : next;
}
