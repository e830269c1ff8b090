import { openStatuses } from '../view/states.ts';
import { hrefOf } from '../view/address.ts';
import { numberText } from '../view/words.ts';
import { State } from './state.tsx';

type Counts = Readonly<Record<(typeof openStatuses)[number], number>>;

/** Open tasks by status: the shares as a bar, the numbers as a list of links to the tasks. */
export const StatusBar = ({ counts }: { counts: Counts }) => (
  <>
    <div class="status-bar" aria-hidden="true">
      {openStatuses
        .filter((status) => counts[status] > 0)
        .map((status) => (
          <span key={status} class={`part ${status}`} style={{ flexGrow: counts[status] }} />
        ))}
    </div>
    <ul class="status-list">
      {openStatuses.map((status) => (
        <li key={status}>
          <a href={hrefOf('/tasks', { status })}>
            <State status={status} />
            <span class="number">{numberText(counts[status])}</span>
          </a>
        </li>
      ))}
    </ul>
  </>
);
