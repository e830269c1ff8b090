import type { Counts } from '../view/graph.ts';
import type { GraphView } from '../view/graph-view.ts';
import { countText } from '../view/words.ts';
import { StatusChips } from './status-chips.tsx';

interface FinderProps {
  counts: Counts;
  view: GraphView;
  /** Number of tasks found. */
  found: number;
  set: (change: Partial<GraphView>) => void;
}

/** Finds tasks in a graph by text or state; the others fade into the background. */
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
    <StatusChips counts={counts} chosen={view.status ?? []} set={(status) => set({ status, task: undefined })} />
    <p class="quiet" role="status">
      {(view.find !== undefined || view.status !== undefined) && `${countText(found, 'task')} found`}
    </p>
  </form>
);
