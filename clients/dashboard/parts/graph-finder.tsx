import type { Counts } from '../view/graph.ts';
import type { GraphView } from '../view/graph-view.ts';
import { statuses } from '../view/states.ts';
import { countText, numberText } from '../view/words.ts';
import { Mark } from './state.tsx';

interface FinderProps {
  counts: Counts;
  view: GraphView;
  /** How many tasks are chosen. */
  found: number;
  set: (change: Partial<GraphView>) => void;
}

/** Finds tasks in a graph by their words or their state: what is not meant recedes. */
export const Finder = ({ counts, view, found, set }: FinderProps) => (
  <form class="finder" role="search" aria-label="Find tasks" onSubmit={(event) => event.preventDefault()}>
    <input
      type="search"
      aria-label="Find by title, key or id"
      placeholder="Find by title, key or id"
      autocomplete="off"
      spellcheck={false}
      value={view.find ?? ''}
      onInput={(event) => set({ find: event.currentTarget.value || undefined, task: undefined })}
    />
    <ul class="chips" aria-label="State">
      {statuses
        .filter((status) => (counts[status] ?? 0) > 0 || view.status === status)
        .map((status) => (
          <li key={status}>
            <button
              type="button"
              class={`chip ${status}`}
              aria-pressed={view.status === status}
              onClick={() => set({ status: view.status === status ? undefined : status, task: undefined })}
            >
              <Mark status={status} />
              {status} <span class="number">{numberText(counts[status] ?? 0)}</span>
            </button>
          </li>
        ))}
    </ul>
    <p class="quiet" role="status">
      {(view.find !== undefined || view.status !== undefined) && `${countText(found, 'task')} found`}
    </p>
  </form>
);
